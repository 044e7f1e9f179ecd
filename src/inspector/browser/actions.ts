import type { Action, FaultButton } from '../messages.ts';
import { byId, make, write } from './elements.ts';

/** Asks the inspector to do something, and tells when it cannot. */
export async function act(action: Action): Promise<void> {
  const token = document.querySelector('meta[name="inspector-token"]')?.getAttribute('content') ?? '';
  try {
    const response = await fetch('act', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-inspector-token': token },
      body: JSON.stringify(action),
    });
    write(byId('refused'), response.ok ? '' : await response.text());
  } catch {
    write(byId('refused'), 'The inspector does not answer.');
  }
}

/** Shows a button for each fault, pressed while the fault lasts. */
export function showFaults(faults: readonly FaultButton[] | null): void {
  byId('simulated').hidden = faults === null;
  const group = byId('faults');
  for (const { id, label, says, isOn } of faults ?? []) {
    const button = group.querySelector(`[data-fault="${id}"]`) ?? addButton(group, { id, label, says });
    button.setAttribute('aria-pressed', String(isOn));
  }
}

function addButton(
  group: HTMLElement,
  { id, label, says }: Pick<FaultButton, 'id' | 'label' | 'says'>,
): HTMLElement {
  const button = make('button', '', label);
  button.setAttribute('type', 'button');
  button.dataset.fault = id;
  button.title = says;
  button.addEventListener('click', () => {
    void act({ do: 'fault', fault: id, isOn: button.getAttribute('aria-pressed') !== 'true' });
  });
  group.append(button);
  return button;
}
