import type { AnyStateMachine } from 'xstate';

/** The machine's configuration as JSON: all of it but its code, and enough for `createMachine`. */
export function toJson(machine: AnyStateMachine): string {
  return `${JSON.stringify(machine.config, null, 2).replaceAll(listOfNames, onOneLine)}\n`;
}

/** What Stately's editor and visualizer take: paste it as code. */
export function toStately(machine: AnyStateMachine): string {
  return `import { createMachine } from 'xstate';\n\nexport const machine = createMachine(${toJson(machine).trimEnd()});\n`;
}

const listOfNames = /\[\s+"\w+"(?:,\s+"\w+")*\s+\]/g;

function onOneLine(list: string): string {
  return list.replaceAll(/\s+/g, ' ').replace('[ ', '[').replace(' ]', ']');
}
