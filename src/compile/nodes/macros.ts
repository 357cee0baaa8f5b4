import type { Json } from '../../core/node-id.ts';
import type { JsonObject } from '../../project/project.ts';
import { builtinMacros } from '../builtin-macros/builtin-macros.ts';
import type { Macro } from '../macros/macro-library.ts';
import type { MacroNode } from '../manifest.ts';
import { keptTemplate } from '../templates/kept-template.ts';
import { templateOptions } from '../templates/template-options.ts';
import { isMap, textList } from './columns.ts';
import type { Draft, Mutable } from './draft.ts';
import { type NodeFactory, patchPath } from './node-factory.ts';
import { NodeEntries } from './property-entries.ts';

/** Parses the macro files of every package into the library. */
export function addMacros(draft: Draft): void {
  const { library, project, options } = draft.world;
  for (const macro of builtinMacros(options.templates)) library.add(macro);
  for (const owner of project.packages)
    for (const { file, originalPath } of owner.files.macros) {
      const { value: template, diagnostics } = keptTemplate(
        file,
        templateOptions(project, owner.name),
        options.templates,
      );
      draft.diagnostics.push(...diagnostics);
      for (const block of template?.blocks ?? []) {
        if (block.kind === 'docs' || block.kind === 'snapshot' || template === undefined) continue;
        const name =
          block.kind === 'test'
            ? `test_${block.name}`
            : block.kind === 'materialization'
              ? `materialization_${block.name}_${adapterOf(block.options)}`
              : block.name;
        const macro: Macro = {
          id: `macro.${owner.name}.${name}`,
          packageName: owner.name,
          name,
          block,
          template,
          originalPath,
        };
        const earlier = library.add(macro);
        if (earlier !== undefined) draft.reportTwice(`the ${block.kind} \`${block.name}\``, block.at, earlier.block.at);
      }
    }
}

const adapterOf = (options: JsonObject): string =>
  typeof options['adapter'] === 'string' ? options['adapter'] : 'default';

/** The manifest's macros, with what property files say about them. */
export function macroNodes(factory: NodeFactory): void {
  const { draft } = factory;
  const { library, project } = draft.world;
  const entries = new Map(
    project.packages.map(
      (owner) => [owner.name, new NodeEntries(draft, 'macro', owner.name, owner.properties.macros)] as const,
    ),
  );
  for (const macro of library.all()) {
    const owner = project.packages.find(({ name }) => name === macro.packageName);
    const entry =
      entries.get(macro.packageName)?.take(macro.name) ?? entries.get(macro.packageName)?.take(macro.block.name);
    const config =
      owner === undefined
        ? {}
        : factory.texts.config(
            'macros',
            entry?.value.config,
            owner.name,
            () => entry?.span(['config']) ?? macro.block.at,
          );
    const text = (value: string | null | undefined, path: readonly (string | number)[]) =>
      factory.texts.describe(value, macro.packageName, () => entry?.span(path) ?? macro.block.at).text;
    const docs = isMap(config['docs']) ? config['docs'] : {};
    const node: Mutable<MacroNode> = {
      unique_id: macro.id,
      resource_type: 'macro',
      name: macro.name,
      package_name: macro.packageName,
      path: macro.originalPath,
      original_file_path: macro.originalPath,
      macro_sql: macro.block.text,
      depends_on: { macros: macrosOf(draft, macro) },
      description: text(entry?.value.description, ['description']),
      meta: isMap(config['meta']) ? config['meta'] : {},
      docs: {
        show: docs['show'] !== false,
        node_color: typeof docs['node_color'] === 'string' ? docs['node_color'] : null,
      },
      patch_path: entry === undefined || owner === undefined ? null : patchPath(project.packages, entry.file, owner),
      arguments: (entry?.value.arguments ?? []).map((argument, index) => ({
        name: argument.name,
        type: argument.type ?? null,
        description: text(argument.description, ['arguments', index, 'description']),
      })),
      created_at: factory.createdAt,
      supported_languages: macro.block.kind === 'materialization' ? languagesOf(macro.block.options) : null,
    };
    draft.macros.set(macro.id, node);
  }
  for (const [packageName, known] of entries) known.reportUnused(library.namesIn(packageName));
}

const languagesOf = (options: JsonObject): readonly string[] => {
  const languages = textList(options['supported_languages']);
  return languages.length > 0 ? languages : ['sql'];
};

/** The macros a macro calls by name, dispatched implementations included. */
function macrosOf(draft: Draft, macro: Macro): readonly string[] {
  const { library } = draft.world;
  const found = new Set<string>();
  for (const call of macro.block.calls) {
    const called =
      call.name === 'adapter.dispatch'
        ? dispatched(draft, macro, call.positional, call.named)
        : library.findDotted(call.name, macro.packageName, macro.packageName);
    if (called !== undefined && called.id !== macro.id) found.add(called.id);
  }
  return [...found];
}

function dispatched(
  draft: Draft,
  macro: Macro,
  [name, namespace]: readonly (Json | undefined)[],
  named: Readonly<Record<string, Json | undefined>>,
): Macro | undefined {
  const wanted = name ?? named['macro_name'];
  const where = namespace ?? named['macro_namespace'] ?? null;
  if (typeof wanted !== 'string' || (where !== null && typeof where !== 'string')) return undefined;
  return draft.world.library.dispatch(wanted, where, macro.packageName, macro.packageName).macro;
}
