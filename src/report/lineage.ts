import type { LineageAnswer, LineageEdge } from './answers.ts';

/** Two trees from what was asked for: what it is made from, and what is made from it. Where a tree meets itself it says so. */
export function lineageText(answer: LineageAnswer): string {
  const label = labels(answer);
  const up = tree(answer, 'upstream');
  const down = tree(answer, 'downstream');
  return [
    label(answer.root),
    ...(up.length > 0 ? ['', 'made from', ...up] : []),
    ...(down.length > 0 ? ['', 'used by', ...down] : []),
    ...(up.length + down.length === 0 ? ['', 'nothing leads to it, and it leads to nothing'] : []),
    ...(answer.unresolved.length > 0
      ? ['', 'not analysed', ...answer.unresolved.map(({ node, reason }) => `  ${label(node)}: ${reason}`)]
      : []),
  ].join('\n');
}

function labels(answer: LineageAnswer): (id: string) => string {
  const nodes = new Map(answer.nodes.map((node) => [node.id, node]));
  return (id) => {
    const node = nodes.get(id);
    return node ? `${node.label} (${node.kind})` : id;
  };
}

function tree(answer: LineageAnswer, direction: 'upstream' | 'downstream'): string[] {
  const label = labels(answer);
  const next = new Map<string, { id: string; edge: LineageEdge }[]>();
  for (const edge of answer.edges) {
    const [from, to] = direction === 'upstream' ? [edge.to, edge.from] : [edge.from, edge.to];
    next.set(from, [...(next.get(from) ?? []), { id: to, edge }]);
  }
  const seen = new Set<string>([answer.root]);
  const lines: string[] = [];
  const grow = (from: string, indent: string): void => {
    const branches = next.get(from) ?? [];
    for (const [index, { id, edge }] of branches.entries()) {
      const last = index === branches.length - 1;
      const known = seen.has(id);
      seen.add(id);
      const again = known && (next.get(id)?.length ?? 0) > 0 ? '  (see above)' : '';
      lines.push(`${indent}${last ? '└─' : '├─'} ${label(id)}${how(edge)}${again}`);
      if (!known) grow(id, `${indent}${last ? '   ' : '│  '}`);
    }
  };
  grow(answer.root, '  ');
  return lines;
}

const how = ({ use, transformation }: LineageEdge): string =>
  transformation !== null ? `  ${transformation}` : use === 'indirect' ? '  indirect' : '';

/** A Mermaid flowchart, left to right; dashed where only rows are steered. */
export function lineageMermaid(answer: LineageAnswer): string {
  const names = new Map(answer.nodes.map((node, index) => [node.id, `n${index}`]));
  const escaped = (text: string) => text.replaceAll('"', '#quot;').replaceAll('\n', ' ');
  const edges = answer.edges.map((edge) => {
    const arrow = edge.use === 'indirect' ? '-.->' : '-->';
    const text = edge.transformation === null ? '' : `|"${escaped(edge.transformation)}"|`;
    return `  ${names.get(edge.from) ?? edge.from} ${arrow}${text} ${names.get(edge.to) ?? edge.to}`;
  });
  return [
    'flowchart LR',
    ...answer.nodes.map((node) => `  ${names.get(node.id)}["${escaped(node.label)}"]`),
    ...edges,
    ...(names.has(answer.root) ? [`  style ${names.get(answer.root)} stroke-width:3px`] : []),
  ].join('\n');
}

/** Graphviz. */
export function lineageDot(answer: LineageAnswer): string {
  const quoted = (text: string) => `"${text.replace(/[\\"]/g, '\\$&').replaceAll('\n', ' ')}"`;
  return [
    'digraph lineage {',
    '  rankdir=LR;',
    '  node [shape=box];',
    ...answer.nodes.map(
      (node) => `  ${quoted(node.id)} [label=${quoted(node.label)}${node.id === answer.root ? ', penwidth=2' : ''}];`,
    ),
    ...answer.edges.map((edge) => {
      const facts = [
        ...(edge.use === 'indirect' ? ['style=dashed'] : []),
        ...(edge.transformation === null ? [] : [`label=${quoted(edge.transformation)}`]),
      ];
      return `  ${quoted(edge.from)} -> ${quoted(edge.to)}${facts.length > 0 ? ` [${facts.join(', ')}]` : ''};`;
    }),
    '}',
  ].join('\n');
}
