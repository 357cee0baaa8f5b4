import type { NodeId } from '../../core/node-id.ts';
import { callInText } from '../data-tests/call-in-text.ts';
import type { ExposureNode } from '../manifest.ts';
import { textList } from './columns.ts';
import type { Mutable } from './draft.ts';
import { fqnOf, insidePackage, type NodeFactory } from './node-factory.ts';
import { ownerOf } from './owner.ts';

export function addExposures(factory: NodeFactory): void {
  const { draft } = factory;
  for (const owner of draft.world.project.packages)
    for (const entry of owner.properties.exposures) {
      const { value } = entry;
      const inside = insidePackage(owner, entry.file);
      const path = inside.split('/').slice(1).join('/');
      const fqn = fqnOf(owner.name, path, value.name);
      const rendered = factory.texts.config('exposures', value.config, owner.name, () => entry.span(['config']));
      const { config } = factory.configs.for({
        kind: 'exposures',
        package: owner.name,
        fqn,
        properties: { rendered, unrendered: value.config ?? {} },
      });
      const refs: ExposureNode['refs'][number][] = [];
      const sources: (readonly [string, string])[] = [];
      const metrics: NodeId[] = [];
      for (const [index, text] of (value.depends_on ?? []).entries()) {
        const call = callInText(text);
        const [, metric] = /^\s*metric\((?:[^()]*,)?\s*['"]([^'"]+)['"]\s*\)\s*$/.exec(text) ?? [];
        if (call?.kind === 'ref') refs.push({ name: call.name, package: call.package, version: call.version });
        else if (call?.kind === 'source') sources.push([call.source, call.table]);
        else if (metric !== undefined) metrics.push(`metric.${owner.name}.${metric}`);
        else
          draft.report({
            code: 'compile/wrong-reference',
            message: `\`${text}\` is no reference`,
            at: entry.span(['depends_on', index]),
            hint: "write ref('orders') or source('shop', 'orders')",
          });
      }
      const { materialized: _, ...exposureConfig } = config;
      const node: Mutable<ExposureNode> = {
        unique_id: `exposure.${owner.name}.${value.name}`,
        resource_type: 'exposure',
        name: value.name,
        package_name: owner.name,
        path,
        original_file_path: inside,
        fqn,
        description: factory.texts.describe(value.description, owner.name, () => entry.span(['description'])).text,
        meta: config.meta,
        tags: textList(config['tags']),
        type: value.type,
        owner: { email: null, name: null, ...ownerOf(value.owner) },
        label: value.label ?? null,
        maturity: value.maturity ?? null,
        url: value.url ?? null,
        depends_on: { macros: [], nodes: metrics },
        refs,
        sources,
        config: exposureConfig,
        created_at: factory.createdAt,
      };
      if (config.enabled === false) draft.disable(node);
      else {
        const earlier = draft.exposures.get(node.unique_id);
        if (earlier === undefined) draft.exposures.set(node.unique_id, { node, at: entry.span(['name']) });
        else draft.reportTwice(`the exposure \`${value.name}\``, entry.span(['name']), earlier.at);
      }
    }
}
