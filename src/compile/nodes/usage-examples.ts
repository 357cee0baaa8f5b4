/** `examples:` of models, seeds and snapshots: queries for readers, each a test that passes when the query runs. */
import type { NodeId } from '../../core/node-id.ts';
import type { Located, Package, UsageExample } from '../../project/project.ts';
import { textList } from './columns.ts';
import { dropInheritedWhere, type NodeFactory, wholeFile } from './node-factory.ts';

interface WithExamples {
  readonly name: string;
  readonly examples?: readonly UsageExample[] | null | undefined;
}

/** `attachedNode`: what they show how to query; of a versioned model its latest version. */
export function addExamples(
  factory: NodeFactory,
  owner: Package,
  entry: Located<WithExamples>,
  attachedNode: NodeId,
): void {
  const { draft } = factory;
  const subject = draft.nodes.get(attachedNode)?.node;
  const inside = owner.folder === '' ? entry.file : entry.file.slice(owner.folder.length + 1);
  for (const [index, example] of (entry.value.examples ?? []).entries()) {
    const at = entry.span(['examples', index, 'name']);
    const inSql = entry.span(['examples', index, 'sql']);
    const name = `example_${entry.value.name}_${example.name.replace(/\W+/g, '_')}`;
    const drafted = factory.sqlNode({
      kind: 'data_tests',
      type: 'test',
      what: 'example',
      package: owner,
      name,
      uniqueId: `test.${owner.name}.${name}`,
      path: `${name}.sql`,
      originalPath: inside,
      fqn: [owner.name, ...inside.split('/').slice(1, -1), name],
      sql: wholeFile({ path: entry.file, text: example.sql }),
      at,
      properties: {
        value: { name, description: example.description ?? null, config: example.config ?? null },
        file: entry.file,
        span: (path = []) => entry.span(['examples', index, ...path]),
      },
    });
    const { node } = drafted;
    dropInheritedWhere(drafted, example.config);
    if (!node.refs.some((ref) => ref.name === entry.value.name))
      draft.report({
        code: 'compile/example-of-something-else',
        message: `the example \`${example.name}\` does not read \`${entry.value.name}\``,
        at: inSql,
        hint: `read it with {{ ref('${entry.value.name}') }}, or write the example where it belongs`,
      });
    node.tags = [...new Set([...textList(node.config.tags), 'example'])].sort();
    node.attached_node = attachedNode;
    // The text stands in YAML, so its offsets mean nothing there.
    const spans = { refSpans: node.refs.map(() => inSql), sourceSpans: node.sources.map(() => inSql) };
    const { offset: _, ...placed } = drafted;
    if (subject === undefined) draft.disable(node);
    else draft.addNode({ ...placed, ...spans }, 'example');
  }
}
