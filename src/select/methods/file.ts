import { wildcard } from '../fnmatch.ts';
import { type SelectorMethod, valueText } from '../method.ts';

/** `orders.sql`, `stg_*`: the name of a node's file, with or without its ending. */
export const file: SelectorMethod = {
  summary: 'by file name, with or without its ending: orders.sql, stg_*',
  isName: true,
  ask: (criterion) => {
    const matches = wildcard(valueText(criterion));
    return (node) => {
      const name = baseName(node.original_file_path);
      return matches(name) || matches(stem(name));
    };
  },
  *known(graph) {
    for (const node of graph.nodes.values()) yield baseName(node.original_file_path);
  },
};

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
/** A leading dot is part of the name, as Python's `Path.stem` has it. */
const stem = (name: string): string => (name.lastIndexOf('.') > 0 ? name.slice(0, name.lastIndexOf('.')) : name);
