import type { Checked } from '../core/diagnostic.ts';
import type { ConfigKind, JsonObject } from './project.ts';
import { coerced } from './schema/coerce.ts';
import { columnConfig, groupConfig, macroConfig } from './schema/configs.ts';
import { check, type Places } from './schema/issues.ts';
import { treeConfigs } from './schema/project-file.ts';

const SCHEMAS = { ...treeConfigs, macros: macroConfig, groups: groupConfig, columns: columnConfig };

/**
 * Checks a configuration after its templates were rendered: a text from env_var() becomes the number or boolean that its key wants,
 * everything else must fit as it is. `places` tells where a key stands; `what` names the owner in messages (`model \`orders\``).
 */
export function checkConfig(
  kind: ConfigKind | 'macros' | 'groups' | 'columns',
  config: { readonly rendered: JsonObject; readonly written: JsonObject },
  places: Places,
  what: string,
): Checked<JsonObject> {
  const value = coerced(SCHEMAS[kind], config.rendered, config.written);
  return { value, diagnostics: check(SCHEMAS[kind], value, places, { what, templates: false }) };
}

/** The config keys of a kind of resource, for did-you-mean. */
export const configKeys = (kind: ConfigKind): readonly string[] => Object.keys(treeConfigs[kind].shape);
