/** Warnings about tests that can pass without having looked at anything. */
import { flagVacuousPattern } from '../../checks/vacuous-pattern.ts';
import type { NodeRelation } from '../../compile/compile.ts';
import { isExample } from '../../compile/manifest.ts';
import type { Diagnostic } from '../../core/diagnostic.ts';
import type { NodeId } from '../../core/node-id.ts';
import type { OpenedProject } from '../opening/opened-project.ts';

/** Of the selected tests that are SQL of the user's own. One that asks the warehouse while it is compiled is not judged. */
export function vacuousTests({ manifest, compiler }: OpenedProject, selected: Iterable<NodeId>): readonly Diagnostic[] {
  const publicName = (id: NodeId): NodeRelation | undefined => {
    const node = manifest.nodes[id] ?? manifest.sources[id];
    if (!node) return undefined;
    const { database, schema } = node;
    const identifier = node.resource_type === 'source' ? node.identifier : node.alias;
    return { database, schema, identifier, rendered: identifier };
  };
  return [...selected].flatMap((id) => {
    const node = manifest.nodes[id];
    if (node?.resource_type !== 'test' || node.test_metadata || isExample(node)) return [];
    const outcome = compiler.compileNode(id, { relationOf: publicName });
    if (outcome.kind !== 'compiled') return [];
    const warnings = flagVacuousPattern(outcome.sql, { file: node.original_file_path, start: 0, end: 0 });
    return warnings.map((warning) => ({ ...warning, message: `\`${node.name}\`: ${warning.message}` }));
  });
}
