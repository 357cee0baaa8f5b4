/** A scene as SVG text: for the page (with classes) and for a file of its own (with its colours written out). */

import type { Point } from '../graph-layout.ts';
import { escaped } from './element.ts';
import { BOX, clipped, curve, type Scene, type SceneNode } from './graph-scene.ts';

/** The inner SVG of a scene. */
export function sceneSvg(scene: Scene): string {
  const edges = scene.edges
    .map(({ from, to, points }) => `<path class="edge" data-from="${from}" data-to="${to}" d="${pathOf(points)}"/>`)
    .join('');
  const columnEdges = scene.columnEdges
    .map(
      ({ from, to, copy, points }) =>
        `<path class="column-edge${copy ? ' copy' : ''}" data-from="${from}" data-to="${to}" d="${pathOf(points)}"/>`,
    )
    .join('');
  return `<g class="edges${scene.columnEdges.length > 0 ? ' behind' : ''}">${edges}</g><g class="column-edges">${columnEdges}</g><g class="nodes">${scene.nodes.map(nodeSvg).join('')}</g>`;
}

function nodeSvg(node: SceneNode): string {
  const { item, x, y, width, height, title, subtitle, colour, tone } = node;
  const rows = node.columns
    .map(
      (column) =>
        `<g class="column" data-column="${item}/${column.position}"><rect x="${x + 4}" y="${column.y - BOX.row / 2}" width="${width - 8}" height="${BOX.row}" rx="4"/><text x="${x + 14}" y="${column.y + 4}">${escaped(clipped(column.name, 24))}</text></g>`,
    )
    .join('');
  const line = node.columns.length > 0 ? `<path class="rule" d="M${x} ${y + BOX.height}h${width}"/>` : '';
  const mark =
    tone === 'bad' || tone === 'held' || tone === 'warn'
      ? `<circle class="tone-${tone}" cx="${x + width - 12}" cy="${y + 13}" r="3.5"/>`
      : '';
  return `<g class="node" data-item="${item}" tabindex="-1" role="button"><rect class="box" x="${x}" y="${y}" width="${width}" height="${height}" rx="7"/><path class="band" style="fill:${colour}" d="M${x + 7} ${y}h-1a6 6 0 0 0-6 6v${height - 12}a6 6 0 0 0 6 6h1z" transform="translate(-1 0)"/>${line}<text class="title" x="${x + 14}" y="${y + 17}">${escaped(clipped(title, (width - 30) / 7.6))}</text><text class="subtitle" x="${x + 14}" y="${y + 32}">${escaped(clipped(subtitle, (width - 22) / 6.1))}</text>${mark}<title>${escaped(title)}</title>${rows}</g>`;
}

const pathOf = (points: readonly Point[]): string => {
  const [start] = points;
  if (!start) return '';
  const stretches = curve(points).map(([, a, b, to]) => `C${round(a)} ${round(b)} ${round(to)}`);
  return `M${round(start)}${stretches.join('')}`;
};

const round = ({ x, y }: Point): string => `${x.toFixed(1)} ${y.toFixed(1)}`;

/** A whole SVG file that needs nothing of the page. */
export function sceneFile(scene: Scene, title: string, style: CSSStyleDeclaration): string {
  const margin = 24;
  const value = (name: string) => style.getPropertyValue(name).trim();
  const inner = sceneSvg(scene).replace(/var\((--[\w-]+)\)/g, (_whole, name: string) => value(name));
  return `<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" viewBox="${-margin} ${-margin} ${(scene.width + 2 * margin).toFixed(0)} ${(scene.height + 2 * margin).toFixed(0)}" font-family="ui-sans-serif, system-ui, sans-serif">
<title>${escaped(title)}</title>
<style>
.edge { fill: none; stroke: ${value('--edge')}; stroke-width: 1.25 } .column-edge { fill: none; stroke: ${value('--accent')}; stroke-width: 1.25; stroke-dasharray: 3 3 } .copy { stroke-dasharray: none }
.behind { opacity: .35 } .box { fill: ${value('--card')}; stroke: ${value('--line')} } .rule { stroke: ${value('--line')} }
.title { font-size: 12.5px; font-weight: 600; fill: ${value('--ink')} } .subtitle { font-size: 11px; fill: ${value('--soft')} }
.column rect { fill: none } .column text { font-size: 11px; fill: ${value('--ink')} }
.tone-bad { fill: ${value('--bad')} } .tone-warn { fill: ${value('--warn')} } .tone-held { fill: ${value('--held')} }
</style>
<rect x="${-margin}" y="${-margin}" width="100%" height="100%" fill="${value('--paper')}"/>
${inner}
</svg>
`;
}
