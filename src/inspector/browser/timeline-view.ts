import type { Step } from '../messages.ts';
import { byId, make, write } from './elements.ts';
import { moveFocus } from './list-view.ts';
import { clockTime, took } from './words.ts';

/** The transitions of the stream that is open, of which one can be looked at again. */
export interface TimelineView {
  add(steps: readonly Step[]): void;
  /** Forgets all, for another stream. */
  clear(): void;
  /** The latest one. */
  readonly latest: Step | undefined;
}

const mostSteps = 400;

/** @param onLook Is called with the step that is looked at, or with `undefined` when it is the present again. */
export function createTimelineView(onLook: (step: Step | undefined) => void): TimelineView {
  const list = byId('steps');
  const live = byId('live');
  let steps: Step[] = [];
  let looked: Step | undefined;

  const draw = () => {
    const step = looked ?? steps.at(-1);
    live.hidden = looked === undefined;
    for (const button of list.querySelectorAll('[aria-current]')) button.removeAttribute('aria-current');
    if (looked) list.querySelector(`[data-step="${looked.number}"]`)?.setAttribute('aria-current', 'true');
    write(byId('snapshot-of'), looked ? `after step ${looked.number}, ${clockTime(looked.at)}` : 'now');
    if (step) drawContext(step, steps[steps.indexOf(step) - 1]);
  };

  const look = (step: Step | undefined) => {
    looked = step;
    draw();
    onLook(step);
  };

  live.addEventListener('click', () => look(undefined));
  list.addEventListener('keydown', (event) => moveFocus(event, list));
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && looked) look(undefined);
  });
  return {
    add(added) {
      const fragment = document.createDocumentFragment();
      for (const [index, step] of added.entries()) {
        const before = added[index - 1] ?? steps.at(-1);
        fragment.prepend(drawStep(step, { before, onLook: () => look(step) }));
      }
      list.prepend(fragment);
      steps = [...steps, ...added].slice(-mostSteps);
      while (list.children.length > mostSteps) list.lastElementChild?.remove();
      draw();
    },
    clear() {
      steps = [];
      looked = undefined;
      list.replaceChildren();
      draw();
    },
    get latest() {
      return steps.at(-1);
    },
  };
}

function drawStep(
  step: Step,
  { before, onLook }: { before: Step | undefined; onLook: () => void },
): HTMLElement {
  const entry = make('li', step.error === null ? '' : 'failed');
  const button = make('button', '');
  const arrow = before && before.state !== step.state ? `${before.state} → ${step.state}` : step.state;
  const event = make('span', 'event', `${step.event}: ${arrow}`);
  button.setAttribute('type', 'button');
  button.dataset.step = String(step.number);
  if (step.error !== null) event.append(make('span', 'error', `. ${step.error}`));
  button.append(
    make('time', '', clockTime(step.at)),
    event,
    make('span', 'took', before ? took(step.at - before.at) : ''),
  );
  button.addEventListener('click', onLook);
  entry.append(button);
  return entry;
}

// What is not as it was a step before stands out.
function drawContext({ context, state }: Step, before: Step | undefined): void {
  const lines = Object.entries({ state, ...context }).map(([key, value]) => {
    const text = JSON.stringify(value, null, 2);
    const was = key === 'state' ? before?.state : before?.context[key];
    return make(
      'span',
      before && JSON.stringify(was, null, 2) !== text ? 'changed' : '',
      `${key}: ${text}\n`,
    );
  });
  byId('context').replaceChildren(...lines);
}
