/** The chart, alive. */
export interface ChartView {
  /** Lights a state, or all that are active beside each other, and the transitions that led there. */
  show(state: string, options: { transitions: readonly string[]; isInTrouble: boolean }): void;
  /** Has a dot run along the edge of a transition. */
  run(transition: string): void;
  /** What the chart says about a state. */
  describe(state: string): string;
}

const runTime = 600;
const mostRunners = 8;
const settled = 250;
const patience = 8_000;

/** @param frame What scrolls when the chart does not fit. */
export function createChartView(svg: SVGElement, frame: HTMLElement): ChartView {
  const states = new Map(
    [...svg.querySelectorAll<SVGGElement>('[data-state]')].map((group) => [group.dataset.state ?? '', group]),
  );
  const lines = new Map(
    [...svg.querySelectorAll<SVGElement>('[data-transition]')].map((line) => [
      line.dataset.transition ?? '',
      line,
    ]),
  );
  const edges = new Map(
    [...svg.querySelectorAll<SVGPathElement>('[data-transitions]')].flatMap((path) =>
      (path.dataset.transitions ?? '').split('|').map((id) => [id, path] as const),
    ),
  );
  const isCalm = matchMedia('(prefers-reduced-motion: reduce)');
  const root = [...states.keys()][0]?.split('.')[0] ?? '';
  let shown = '';

  const groupsOf = (path: string): SVGGElement[] =>
    path
      .split('.')
      .flatMap((_, index, keys) => states.get([root, ...keys.slice(0, index + 1)].join('.')) ?? []);

  const light = (elements: readonly (Element | undefined)[]) => {
    for (const element of svg.querySelectorAll('.lit')) {
      if (!elements.includes(element)) element.classList.remove('lit', 'in-trouble');
    }
    for (const element of elements) element?.classList.add('lit');
  };

  // A state that is left again at once is not followed, nor is one when the reader has just looked elsewhere.
  let following: ReturnType<typeof setTimeout> | undefined;
  let movedAt = -patience;
  for (const type of ['wheel', 'touchmove', 'keydown', 'pointerdown']) {
    frame.addEventListener(
      type,
      () => {
        movedAt = performance.now();
      },
      { passive: true },
    );
  }
  const follow = (group: SVGGElement | undefined) => {
    clearTimeout(following);
    following = setTimeout(() => {
      if (performance.now() - movedAt > patience) reveal(group, frame);
    }, settled);
  };

  return {
    show(state, { transitions, isInTrouble }) {
      const groups = state.split(', ').flatMap(groupsOf);
      light([...groups, ...transitions.flatMap((id) => [edges.get(id), lines.get(id)])]);
      for (const group of groups) group.classList.toggle('in-trouble', isInTrouble);
      if (state !== shown) follow(groups[0]);
      shown = state;
    },
    run(transition) {
      const path = edges.get(transition);
      if (path && !isCalm.matches && svg.querySelectorAll('.runner').length < mostRunners) runAlong(path);
    },
    describe: (state) =>
      state
        .split(', ')
        .map((path) => groupsOf(path).at(-1)?.querySelector('title')?.textContent ?? '')
        .join(' '),
  };
}

function runAlong(path: SVGPathElement): void {
  const dot = document.createElementNS('http://www.w3.org/2000/svg', 'circle');
  dot.setAttribute('class', `runner ${path.classList.item(1) ?? ''}`);
  dot.setAttribute('r', '7');
  path.ownerSVGElement?.append(dot);
  const length = path.getTotalLength();
  const start = performance.now();
  const move = (now: number) => {
    const share = Math.min(1, Math.max(0, (now - start) / runTime));
    const { x, y } = path.getPointAtLength(share * length);
    dot.setAttribute('cx', String(x));
    dot.setAttribute('cy', String(y));
    if (share < 1) requestAnimationFrame(move);
    else dot.remove();
  };
  requestAnimationFrame(move);
}

// Scrolls no further than it must, and only the frame: the page stays where its reader is.
function reveal(group: SVGGElement | undefined, frame: HTMLElement): void {
  if (!group) return;
  const margin = 40;
  const outer = frame.getBoundingClientRect();
  const inner = group.getBoundingClientRect();
  const bottom = Math.min(inner.bottom, inner.top + outer.height - 2 * margin);
  const down = Math.max(0, bottom + margin - outer.bottom) || Math.min(0, inner.top - margin - outer.top);
  const right =
    Math.max(0, inner.right + margin - outer.right) || Math.min(0, inner.left - margin - outer.left);
  frame.scrollBy(right, down);
}
