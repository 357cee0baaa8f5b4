/** Small plots, drawn as SVG by hand. Every one says in words what it shows. */
import { escaped, withHtml } from './element.ts';

/** Buckets of equal width as tiny bars. */
export function histogram(counts: readonly number[], label: string): HTMLElement {
  const width = 84;
  const height = 22;
  const most = Math.max(1, ...counts);
  const step = width / Math.max(1, counts.length);
  const bars = counts
    .map((count, at) => {
      const tall = count === 0 ? 0 : Math.max(1, (count / most) * height);
      return `<rect x="${(at * step).toFixed(1)}" y="${(height - tall).toFixed(1)}" width="${Math.max(1, step - 1).toFixed(1)}" height="${tall.toFixed(1)}"/>`;
    })
    .join('');
  return picture('histogram', width, height, label, bars);
}

/** Verdicts one after another, the oldest left: a full bar passed, a tall coloured one did not. */
export function verdictStrip(
  verdicts: readonly { readonly state: string; readonly title: string }[],
  label: string,
): HTMLElement {
  const step = 5;
  const marks = verdicts
    .map(({ state, title }, at) => {
      const kind = toneOf(state);
      const tall = kind === 'good' ? 9 : 16;
      return `<rect class="tone-${kind}" x="${at * step}" y="${16 - tall}" width="3.5" height="${tall}" rx="1"><title>${escaped(title)}</title></rect>`;
    })
    .join('');
  return picture('strip', Math.max(step, verdicts.length * step), 16, label, marks);
}

export interface PlotPoint {
  readonly value: number;
  readonly tone: string;
  readonly title: string;
}

/** Values over runs as columns with a scale: time or rows. */
export function columnsPlot(
  points: readonly PlotPoint[],
  label: string,
  spelled: (value: number) => string,
): HTMLElement {
  const width = 560;
  const height = 120;
  const left = 52;
  const most = niceTop(Math.max(...points.map((point) => point.value), 0));
  const step = (width - left) / Math.max(points.length, 12);
  const y = (value: number) => 8 + (height - 16) * (1 - value / most);
  const lines = [0, 0.5, 1]
    .map((share) => {
      const at = y(most * share).toFixed(1);
      return `<line class="grid" x1="${left}" x2="${width}" y1="${at}" y2="${at}"/><text class="scale" x="${left - 8}" y="${Number(at) + 4}" text-anchor="end">${escaped(spelled(most * share))}</text>`;
    })
    .join('');
  const bars = points
    .map((point, at) => {
      const top = y(point.value);
      const tall = Math.max(1.5, height - 8 - top);
      return `<rect class="tone-${point.tone}" x="${(left + at * step + step * 0.15).toFixed(1)}" y="${(height - 8 - tall).toFixed(1)}" width="${Math.min(18, step * 0.7).toFixed(1)}" height="${tall.toFixed(1)}" rx="1.5"><title>${escaped(point.title)}</title></rect>`;
    })
    .join('');
  return picture('plot', width, height, label, lines + bars);
}

/** A score from 0 to 100 as a ring. */
export function ring(score: number, size = 44): HTMLElement {
  const radius = size / 2 - 3;
  const round = 2 * Math.PI * radius;
  const middle = size / 2;
  const tone = score >= 80 ? 'good' : score >= 50 ? 'warn' : 'bad';
  return picture(
    'ring',
    size,
    size,
    `quality score ${score} of 100`,
    `<circle class="track" cx="${middle}" cy="${middle}" r="${radius}"/><circle class="tone-${tone}" cx="${middle}" cy="${middle}" r="${radius}" stroke-dasharray="${((round * score) / 100).toFixed(1)} ${round.toFixed(1)}" transform="rotate(-90 ${middle} ${middle})"/><text x="${middle}" y="${middle + size * 0.11}" text-anchor="middle" font-size="${size * 0.31}">${score}</text>`,
  );
}

/** What a word on a build or a test means for its reader. */
export function toneOf(state: string | undefined): 'good' | 'warn' | 'bad' | 'held' | 'quiet' {
  switch (state) {
    case 'success':
    case 'pass':
    case 'reused':
    case 'proved':
    case 'info':
      return 'good';
    case 'warn':
    case 'vacuous':
    case 'partial success':
    case 'interrupted':
      return 'warn';
    case 'fail':
    case 'error':
    case 'runtime error':
      return 'bad';
    case 'held':
    case 'rolled back':
      return 'held';
    default:
      return 'quiet';
  }
}

const picture = (kind: string, width: number, height: number, label: string, inner: string): HTMLElement =>
  withHtml(
    `span.chart.${kind}`,
    `<svg role="img" aria-label="${escaped(label)}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" preserveAspectRatio="xMinYMid meet">${inner}</svg>`,
  );

function niceTop(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((step) => step * power >= value) ?? 10) * power;
}
