/** Docs blocks, groups and what is only kept: metrics, semantic models, saved queries, functions. */
import type { Json } from '../../core/node-id.ts';
import { parseTemplate } from '../../jinja/jinja.ts';
import type { JsonObject, Located, Opaque, Package } from '../../project/project.ts';
import type { Macro } from '../macros/macro-library.ts';
import type { Draft } from './draft.ts';
import { metricEntry } from './metrics.ts';
import { fqnOf, insidePackage, type NodeFactory } from './node-factory.ts';
import { ownerOf } from './owner.ts';

/** `{% docs %}` blocks. */
export function addDocs(draft: Draft): void {
  const spans = new Map<string, Macro['block']['at']>();
  for (const owner of draft.world.project.packages)
    for (const { file, originalPath, path } of owner.files.docs) {
      if (!file.text.includes('{%')) continue;
      const { value: template, diagnostics } = parseTemplate(file, { docsOnly: true });
      draft.diagnostics.push(...diagnostics);
      for (const block of template?.blocks ?? []) {
        if (block.kind !== 'docs') continue;
        const id = `doc.${owner.name}.${block.name}`;
        const earlier = spans.get(id);
        if (earlier !== undefined) {
          draft.reportTwice(`the docs block \`${block.name}\``, block.at, earlier);
          continue;
        }
        spans.set(id, block.at);
        draft.docs.set(id, {
          unique_id: id,
          resource_type: 'doc',
          name: block.name,
          package_name: owner.name,
          path,
          original_file_path: originalPath,
          block_contents: block.body.trim(),
        });
      }
    }
}

export function addGroups(factory: NodeFactory): void {
  const { draft } = factory;
  const spans = new Map<string, ReturnType<Located<unknown>['span']>>();
  for (const owner of draft.world.project.packages)
    for (const entry of owner.properties.groups) {
      const { name, owner: people, description, config } = entry.value;
      const id = `group.${owner.name}.${name}`;
      const earlier = spans.get(id);
      if (earlier !== undefined) {
        draft.reportTwice(`the group \`${name}\``, entry.span(['name']), earlier);
        continue;
      }
      spans.set(id, entry.span(['name']));
      draft.groups.set(id, {
        unique_id: id,
        resource_type: 'group',
        name,
        package_name: owner.name,
        path: entry.file,
        original_file_path: entry.file,
        owner: ownerOf(people),
        description: description ?? null,
        config: factory.texts.config('groups', config, owner.name, () => entry.span(['config'])),
      });
    }
}

/** Metrics, semantic models, saved queries and functions: kept as written. */
export function addPassedThrough(factory: NodeFactory): void {
  const { draft } = factory;
  for (const owner of draft.world.project.packages) {
    const { metrics, semanticModels, savedQueries, functions } = owner.properties;
    keepAll(factory, draft.passedThrough.metrics, 'metric', owner, metrics);
    keepAll(factory, draft.passedThrough.semantic_models, 'semantic_model', owner, semanticModels);
    keepAll(factory, draft.passedThrough.saved_queries, 'saved_query', owner, savedQueries);
    keepAll(factory, draft.passedThrough.functions, 'function', owner, functions);
  }
}

function keepAll(
  { texts }: NodeFactory,
  into: Record<string, Json>,
  type: string,
  owner: Package,
  entries: readonly Located<Opaque>[],
): void {
  for (const { value, file, span } of entries) {
    if (value.name === undefined) continue;
    const { description: described } = value as JsonObject;
    const inside = insidePackage(owner, file);
    const path = inside.split('/').slice(1).join('/');
    into[`${type}.${owner.name}.${value.name}`] = {
      ...(type === 'metric' ? metricEntry(value as JsonObject) : (value as JsonObject)), // an opaque entry is what YAML said
      ...(typeof described === 'string' && {
        description: texts.describe(described, owner.name, () => span(['description'])).text,
      }),
      unique_id: `${type}.${owner.name}.${value.name}`,
      resource_type: type,
      package_name: owner.name,
      path,
      original_file_path: inside,
      fqn: fqnOf(owner.name, path, value.name),
    };
  }
}
