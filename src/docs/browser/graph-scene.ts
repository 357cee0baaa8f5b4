/** Items → a scene: boxes and lines with places, before anybody decides how to draw them. */
import { type GraphLayout, layoutGraph, type Point } from '../graph-layout.ts';
import type { IndexItem, ItemKind } from '../site-data.ts';
import { freshWord, KIND_NAMES, layerColour, stateWord } from './badges.ts';
import { toneOf } from './charts.ts';
import type { ColumnTrace } from './column-trace.ts';
import { duration, old, short } from './format.ts';
import { itemAt, type Site } from './site.ts';

/** By what the boxes are coloured. */
export type Lens = 'layer' | 'state' | 'freshness' | 'time' | 'quality';

export const LENSES: readonly Lens[] = ['layer', 'state', 'freshness', 'time', 'quality'];

export interface SceneColumn {
  readonly name: string;
  readonly position: number;
  /** Middle, from the top of the scene. */
  readonly y: number;
}

export interface SceneNode {
  readonly item: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly title: string;
  readonly subtitle: string;
  /** A CSS colour, perhaps a variable. */
  readonly colour: string;
  readonly tone: string;
  readonly columns: readonly SceneColumn[];
}

export interface SceneEdge {
  readonly from: number;
  readonly to: number;
  readonly points: readonly Point[];
}

/** A line between two columns; `from` and `to` are `item/column`. */
export interface SceneColumnEdge {
  readonly from: string;
  readonly to: string;
  readonly copy: boolean;
  readonly points: readonly Point[];
}

export interface Scene {
  readonly nodes: readonly SceneNode[];
  readonly edges: readonly SceneEdge[];
  readonly columnEdges: readonly SceneColumnEdge[];
  readonly byItem: ReadonlyMap<number, SceneNode>;
  readonly width: number;
  readonly height: number;
}

export interface SceneOptions {
  readonly lens: Lens;
  /** Column lineage, to draw columns too. */
  readonly trace?: ColumnTrace | undefined;
}

export const BOX = { width: 190, height: 40, row: 20 };

/** Above this many boxes a scene uses the places of the map and is drawn on a canvas. */
export const FEW = 300;

export function buildScene(site: Site, items: readonly number[], { lens, trace }: SceneOptions): Scene {
  const order = new Map(items.map((item, at) => [item, at]));
  const edges = items.flatMap((item, to) =>
    itemAt(site, item).parents.flatMap((parent) => {
      const from = order.get(parent);
      return from === undefined ? [] : [[from, to] as const];
    }),
  );
  const columnsOf = items.map((item) => trace?.columnsShown(item) ?? []);
  const heights = columnsOf.map((columns) => BOX.height + (columns.length > 0 ? columns.length * BOX.row + 8 : 0));
  const widths = items.map((item, at) =>
    widthOf(itemAt(site, item), lens, (columnsOf[at] ?? []).length > 0, items.length),
  );
  const { places, bends, width, height } = placed(site, items, edges, { widths, heights }, trace !== undefined);
  // Boxes of one column are equally wide.
  const widest = new Map<number, number>();
  places.forEach(({ x }, at) => {
    widest.set(x, Math.max(widest.get(x) ?? 0, widths[at] ?? BOX.width));
  });
  const colours = lensColours(site, lens);
  const nodes = items.map((position, at): SceneNode => {
    const item = itemAt(site, position);
    const place = places[at] ?? { x: 0, y: 0 };
    return {
      item: position,
      x: place.x,
      y: place.y,
      width: widest.get(place.x) ?? BOX.width,
      height: heights[at] ?? BOX.height,
      title: item.name,
      subtitle: subtitleOf(item, lens),
      colour: colours(item),
      tone: toneOf(item.state),
      columns: (columnsOf[at] ?? []).map((column, row) => ({
        name: item.columns?.[column] ?? '',
        position: column,
        y: place.y + BOX.height + 2 + (row + 0.5) * BOX.row,
      })),
    };
  });
  const byItem = new Map(nodes.map((node) => [node.item, node]));
  return {
    nodes,
    edges: edges.flatMap(([from, to], at) => {
      const [start, end] = [nodes[from], nodes[to]];
      if (!start || !end) return [];
      const points = [
        rightOf(start, start.y + BOX.height / 2),
        ...(bends[at] ?? []),
        leftOf(end, end.y + BOX.height / 2),
      ];
      return [{ from: start.item, to: end.item, points }];
    }),
    columnEdges: trace ? columnEdges(trace, byItem) : [],
    byItem,
    width,
    height,
  };
}

/** How many usual letters a text is wide, about. */
export const breadthOf = (text: string): number => [...text].reduce((sum, sign) => sum + signBreadth(sign), 0);

/** The text, or as much of its beginning as is so many usual letters wide. */
export function clipped(text: string, letters: number): string {
  if (breadthOf(text) <= letters) return text;
  let left = letters - 1;
  const fits = [...text].findIndex((sign) => {
    left -= signBreadth(sign);
    return left < 0;
  });
  return `${[...text].slice(0, fits).join('').trimEnd()}…`;
}

const signBreadth = (sign: string): number =>
  /[\u1100-\u11ff\u2e80-\uffef]|\p{Extended_Pictographic}/u.test(sign)
    ? 2
    : /[\p{Lu}mw@%&<>€]/u.test(sign)
      ? 1.3
      : /[ijlftr.,:;'|!()[\] ]/.test(sign)
        ? 0.7
        : 1;

/** As wide as its name, within reason; on the map all are alike. */
function widthOf(item: IndexItem, lens: Lens, withColumns: boolean, count: number): number {
  if (count > FEW) return BOX.width;
  const letters = Math.max(
    breadthOf(item.name) * 7.6 + 42,
    breadthOf(subtitleOf(item, lens)) * 6.1 + 30,
    withColumns ? 190 : 0,
  );
  return Math.round(Math.min(232, Math.max(118, letters)));
}

function placed(
  site: Site,
  items: readonly number[],
  edges: readonly (readonly [number, number])[],
  { widths, heights }: { readonly widths: readonly number[]; readonly heights: readonly number[] },
  withColumns: boolean,
): GraphLayout {
  const ready = items.length > FEW ? items.flatMap((item) => itemAt(site, item).place ?? []) : [];
  if (items.length <= FEW || ready.length < items.length * 2)
    return layoutGraph(
      items.map((_, at) => ({ width: widths[at] ?? BOX.width, height: heights[at] ?? BOX.height })),
      edges,
      { columnGap: withColumns ? 96 : 46, rowGap: 14 },
    );
  const places = items.map((item) => {
    const [x = 0, y = 0] = itemAt(site, item).place ?? [];
    return { x, y };
  });
  const left = places.reduce((least, { x }) => Math.min(least, x), Number.POSITIVE_INFINITY);
  const top = places.reduce((least, { y }) => Math.min(least, y), Number.POSITIVE_INFINITY);
  const moved = places.map(({ x, y }) => ({ x: x - left, y: y - top }));
  return {
    places: moved,
    bends: [],
    width: moved.reduce((most, { x }) => Math.max(most, x), 0) + BOX.width,
    height: moved.reduce((most, { y }) => Math.max(most, y), 0) + BOX.height,
  };
}

function columnEdges(trace: ColumnTrace, byItem: ReadonlyMap<number, SceneNode>): readonly SceneColumnEdge[] {
  return trace.edges.flatMap(({ from, fromColumn, to, toColumn, copy }) => {
    const [start, end] = [byItem.get(from), byItem.get(to)];
    const startRow = start?.columns.find((column) => column.position === fromColumn);
    const endRow = end?.columns.find((column) => column.position === toColumn);
    if (!start || !end || !startRow || !endRow) return [];
    return [
      {
        from: `${from}/${fromColumn}`,
        to: `${to}/${toColumn}`,
        copy,
        points: [rightOf(start, startRow.y), leftOf(end, endRow.y)],
      },
    ];
  });
}

const rightOf = (node: { x: number; width: number }, y: number): Point => ({ x: node.x + node.width, y });
const leftOf = (node: { x: number }, y: number): Point => ({ x: node.x, y });

/** A smooth line through the points: every stretch leaves and arrives level. */
export function curve(points: readonly Point[]): readonly (readonly [Point, Point, Point, Point])[] {
  return points.slice(1).map((to, at) => {
    const from = points[at] ?? to;
    const reach = Math.max(12, Math.abs(to.x - from.x) / 2);
    return [from, { x: from.x + reach, y: from.y }, { x: to.x - reach, y: to.y }, to];
  });
}

const BUILT = new Set(['model', 'seed', 'snapshot']);

function subtitleOf(item: IndexItem, lens: Lens): string {
  switch (lens) {
    case 'layer':
      return [
        item.materialized && item.kind === 'model' ? item.materialized : KIND_NAMES[item.kind][0],
        item.rows !== undefined && `${short(item.rows)} ${item.rows === 1 ? 'row' : 'rows'}`,
      ]
        .filter((part) => part)
        .join(' · ');
    case 'state':
      return item.state !== undefined
        ? stateWord(item.state)
        : BUILT.has(item.kind)
          ? 'never built'
          : KIND_NAMES[item.kind][0];
    case 'freshness':
      if (item.newest !== undefined) return `${old(item.newest)} old`;
      return item.freshness === undefined ? 'not measured' : freshWord(item.freshness);
    case 'time':
      return item.seconds === undefined ? 'not timed' : duration(item.seconds);
    case 'quality':
      return item.score === undefined ? 'no score' : `quality ${item.score}`;
    default:
      return lens satisfies never;
  }
}

const TONES: Readonly<Record<string, string>> = {
  good: 'var(--good)',
  warn: 'var(--warn)',
  bad: 'var(--bad)',
  held: 'var(--held)',
  quiet: 'var(--quiet)',
};

const toneColour = (tone: string): string => TONES[tone] ?? 'var(--quiet)';

export interface LegendEntry {
  readonly colour: string;
  readonly text: string;
}

function lensColours(site: Site, lens: Lens): (item: IndexItem) => string {
  switch (lens) {
    case 'layer':
      return (item) => layerColour(site, item);
    case 'state':
      return (item) => toneColour(toneOf(item.state));
    case 'freshness':
      return (item) => toneColour(toneOf(item.freshness));
    case 'quality':
      return (item) =>
        item.score === undefined
          ? toneColour('quiet')
          : toneColour(item.score >= 80 ? 'good' : item.score >= 50 ? 'warn' : 'bad');
    case 'time':
      return (item) => (item.seconds === undefined ? toneColour('quiet') : `var(--heat-${heatOf(item.seconds)})`);
    default:
      return lens satisfies never;
  }
}

const heatOf = (seconds: number): number =>
  seconds < 0.1 ? 1 : seconds < 1 ? 2 : seconds < 10 ? 3 : seconds < 60 ? 4 : 5;

/** @param items what is drawn: of layers only theirs are named */
export function legend(site: Site, lens: Lens, items: readonly number[]): readonly LegendEntry[] {
  switch (lens) {
    case 'layer':
      return layersOf(site, items).map((layer) => ({ colour: layerColour(site, { layer }), text: kindName(layer) }));
    case 'state':
      return [
        { colour: TONES.good ?? '', text: 'built or reused' },
        { colour: TONES.warn ?? '', text: 'warning' },
        { colour: TONES.bad ?? '', text: 'failed' },
        { colour: TONES.held ?? '', text: 'held or rolled back' },
        { colour: TONES.quiet ?? '', text: 'unknown' },
      ];
    case 'freshness':
      return [
        { colour: TONES.good ?? '', text: 'fresh' },
        { colour: TONES.warn ?? '', text: 'getting old' },
        { colour: TONES.bad ?? '', text: 'stale' },
        { colour: TONES.quiet ?? '', text: 'not measured' },
      ];
    case 'quality':
      return [
        { colour: TONES.good ?? '', text: '80 and more' },
        { colour: TONES.warn ?? '', text: '50 to 79' },
        { colour: TONES.bad ?? '', text: 'below 50' },
        { colour: TONES.quiet ?? '', text: 'no score' },
      ];
    case 'time':
      return ['< 0.1 s', '< 1 s', '< 10 s', '< 1 min', 'longer'].map((text, at) => ({
        colour: `var(--heat-${at + 1})`,
        text,
      }));
    default:
      return lens satisfies never;
  }
}

const kindName = (layer: string): string => (layer in KIND_NAMES ? KIND_NAMES[layer as ItemKind][0] : layer); // checked

function layersOf(site: Site, items: readonly number[]): readonly string[] {
  const drawn = new Set(items.map((item) => itemAt(site, item).layer));
  return site.index.layers.filter((layer) => drawn.has(layer));
}
