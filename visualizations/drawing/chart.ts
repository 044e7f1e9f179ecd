import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';
import { describeTrigger, nameOf, type Trigger } from './names.ts';

/** A machine as a tree of states and the transitions between them: all that is needed to draw it. */
export interface Chart {
  /** The machine itself, as the outermost state. */
  readonly root: ChartState;
  /** Every state within, parents before children. */
  readonly states: readonly ChartState[];
  /** Every transition, in the order in which XState would try them. */
  readonly transitions: readonly ChartTransition[];
}

/** A state, with what it does while it lasts. */
export interface ChartState {
  /** XState's id of it, unique in the machine. */
  readonly id: string;
  /** The last part of its path. */
  readonly name: string;
  readonly type: 'atomic' | 'compound' | 'parallel' | 'final' | 'history';
  /** Whether a history state remembers the states within, too. */
  readonly isDeep: boolean;
  readonly description: string | undefined;
  /** The actors it invokes, by name. */
  readonly invokes: readonly string[];
  /** What it does when it is entered and left, by name. */
  readonly entry: readonly string[];
  readonly exit: readonly string[];
  /**
   * The ids of the states in which it begins, or to which a history state leads when there is nothing to remember. A parallel state
   * begins in all of its children.
   */
  readonly initial: readonly string[];
  readonly children: readonly ChartState[];
}

/** A transition, with everything about it that has a name. */
export interface ChartTransition {
  /** The same for the same machine; see {@link transitionId}. */
  readonly id: string;
  readonly trigger: Trigger;
  /** The id of the state it leaves. */
  readonly source: string;
  /** The ids of the states it leads to; none when it only acts. */
  readonly targets: readonly string[];
  readonly guard: string | undefined;
  readonly actions: readonly string[];
  readonly description: string | undefined;
}

/** Reads any XState v5 machine. */
export function readChart(machine: AnyStateMachine): Chart {
  const nodes = descendants(machine.root);
  return {
    root: readState(machine.root),
    states: nodes.slice(1).map(readState),
    transitions: nodes.flatMap((node) => transitionsOf(node).map((transition) => readTransition(transition))),
  };
}

/**
 * Names a transition by its state, its event and its place among the transitions of that event. A running actor's transitions, as
 * XState's inspection shows them, have the same names.
 */
export function transitionId(transition: AnyTransitionDefinition): string {
  const { source, eventType } = transition;
  const rivals = eventType === '' ? (source.always ?? []) : (source.transitions.get(eventType) ?? []);
  return `${source.id} ${eventType || 'always'} ${rivals.indexOf(transition)}`;
}

/** A state's own transitions that lead nowhere else: they only act, or ignore an event. */
export function innerOf(state: ChartState, { transitions }: Chart): ChartTransition[] {
  return transitions.filter(({ source, targets }) => source === state.id && targets.length === 0);
}

function descendants(node: AnyStateNode): AnyStateNode[] {
  return [node, ...Object.values(node.states).flatMap(descendants)];
}

function readState(node: AnyStateNode): ChartState {
  return {
    id: node.id,
    name: node.key,
    type: node.type,
    isDeep: node.history === 'deep',
    description: node.description,
    invokes: node.invoke.map(({ src }) => nameOf(src)),
    entry: node.entry.map(nameOf).filter((name) => !name.startsWith('xstate.')),
    exit: node.exit.map(nameOf).filter((name) => !name.startsWith('xstate.')),
    initial: initialOf(node),
    children: Object.values(node.states).map(readState),
  };
}

// A history state begins, as it were, where nothing is remembered.
function initialOf(node: AnyStateNode): string[] {
  if (node.type === 'compound') return (node.initial.target ?? []).map(({ id }) => id);
  const target: unknown = node.type === 'history' ? node.config.target : undefined;
  if (typeof target !== 'string' || !node.parent) return [];
  if (target.startsWith('#')) return [node.machine.getStateNodeById(target.slice(1)).id];
  const path = target.replace(/^\./, '').split('.');
  const found = path.reduce<AnyStateNode | undefined>((from, key) => from?.states[key], node.parent);
  return found ? [found.id] : [];
}

function transitionsOf(node: AnyStateNode): AnyTransitionDefinition[] {
  return [...node.transitions.values(), node.always ?? []].flat();
}

function readTransition(transition: AnyTransitionDefinition): ChartTransition {
  const { source, eventType, guard, actions, description } = transition;
  return {
    id: transitionId(transition),
    trigger: describeTrigger(eventType, { isOnlyInvoke: source.invoke.length < 2 }),
    source: source.id,
    targets: (transition.target ?? []).map(({ id }) => id),
    guard: guard === undefined ? undefined : nameOf(guard),
    actions: actions.map(nameOf),
    description,
  };
}
