import { chartSvg } from './chart.ts';

/** What the page is drawn with. */
export interface PageOptions {
  readonly title: string;
  /** What an action has to carry. */
  readonly token: string;
  /** The path of the module that brings it to life. */
  readonly script: string;
}

/** The page as HTML, in which nothing has happened yet. It has no script and no style within, for its policy allows none. */
export function drawPage({ title, token, script }: PageOptions): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="inspector-token" content="${escapeHtml(token)}">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="style.css">
<script type="module" src="${escapeHtml(script)}"></script>
</head>
<body>
<header>
  <h1>${escapeHtml(title)}</h1>
  <p id="connection" role="status">Connecting …</p>
  <noscript><p>The page needs JavaScript to follow the streams.</p></noscript>
</header>
<main>
  <nav id="streams" aria-label="Streams" hidden>
    <label for="find">Streams <span id="count"></span></label>
    <input type="search" id="find" placeholder="Find by name or state" autocomplete="off">
    <label class="check"><input type="checkbox" id="in-trouble"> only those in trouble</label>
    <ul id="rows"></ul>
  </nav>
  <section id="chart" aria-label="Chart" tabindex="0">
    ${chartSvg}
  </section>
  <div id="side">
    <section aria-labelledby="name">
      <h2 id="name">No stream has started yet</h2>
      <p id="state"><strong id="state-name"></strong> <span id="state-for"></span></p>
      <p id="about"></p>
      <p id="why" hidden></p>
      <div id="countdown" hidden><progress id="countdown-bar" aria-label="Until it tries again"></progress> <span id="countdown-text"></span></div>
      <dl>
        <div><dt>Behind</dt><dd id="lag"></dd></div>
        <div><dt>Delivered</dt><dd id="delivered"></dd></div>
        <div><dt>Failures</dt><dd id="failures"></dd></div>
        <div><dt>Position</dt><dd id="position"></dd></div>
      </dl>
      <div class="buttons" role="group" aria-label="Stream">
        <button type="button" id="pause" disabled>Pause</button>
        <button type="button" id="resume" disabled>Resume</button>
        <button type="button" id="stop" disabled>Stop</button>
        <button type="button" id="restart" hidden>Start again</button>
      </div>
    </section>
    <section id="simulated" aria-labelledby="simulated-title" hidden>
      <h2 id="simulated-title">Simulated Box</h2>
      <p class="hint">Have something go wrong, and see how the stream recovers.</p>
      <div class="buttons" role="group" aria-label="Simulated Box">
        <button type="button" id="publish">Publish an event</button>
        <span id="faults"></span>
      </div>
    </section>
    <section aria-labelledby="steps-title">
      <h2 id="steps-title">Timeline</h2>
      <button type="button" id="live" hidden>Back to now</button>
      <ol id="steps" reversed aria-label="Transitions, the latest first"></ol>
      <details id="snapshot" open>
        <summary>Snapshot <span id="snapshot-of"></span></summary>
        <pre id="context" tabindex="0" aria-label="Context"></pre>
      </details>
    </section>
    <section aria-labelledby="events-title">
      <h2 id="events-title">Events</h2>
      <p id="no-events" class="hint">None since the page watches.</p>
      <ol id="events" reversed aria-label="Events, the latest first"></ol>
    </section>
  </div>
</main>
<p id="said" class="unseen" role="status" aria-live="polite"></p>
<p id="refused" role="alert"></p>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
