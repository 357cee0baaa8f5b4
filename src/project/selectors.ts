import type { Checked, Diagnostic } from '../core/diagnostic.ts';
import { isList, isMap } from './json.ts';
import type { Located, SelectorEntry } from './project.ts';
import { renderSettings, type SettingsScope } from './render-settings.ts';
import { check } from './schema/issues.ts';
import { selectorsFile } from './schema/selectors-file.ts';
import type { YamlFile, YamlPath } from './yaml/yaml-file.ts';

/** Reads selectors.yml: names to definitions. */
export function readSelectors(
  yaml: YamlFile | undefined,
  scope: SettingsScope,
): Checked<Readonly<Record<string, Located<SelectorEntry>>>> {
  if (yaml === undefined || yaml.value === null) return { value: {}, diagnostics: [] };
  const diagnostics: Diagnostic[] = [...check(selectorsFile, yaml.value, yaml, { what: 'selectors.yml' })];
  const value: Record<string, Located<SelectorEntry>> = {};
  const list = isMap(yaml.value) ? yaml.value['selectors'] : undefined;
  if (diagnostics.length > 0 || !isList(list)) return { value, diagnostics };
  for (const [index, written] of list.entries()) {
    const path: YamlPath = ['selectors', index];
    const rendered = renderSettings(written, scope, {
      file: yaml.file,
      span: (inside) => yaml.span([...path, ...inside]),
    });
    diagnostics.push(...rendered.diagnostics);
    const entry = rendered.value;
    if (!isMap(entry)) continue;
    const name = String(entry['name']);
    const { description, definition = null } = entry;
    if (Object.hasOwn(value, name)) {
      diagnostics.push({
        code: 'project/described-twice',
        severity: 'error',
        message: `selector \`${name}\` is defined twice`,
        at: yaml.span([...path, 'name']),
      });
      continue;
    }
    value[name] = {
      value: {
        name,
        description: typeof description === 'string' ? description : null,
        isDefault: entry['default'] === true || /^true$/i.test(String(entry['default'])),
        definition,
      },
      file: yaml.file.path,
      span: (inside = []) => yaml.span([...path, ...inside]),
    };
  }
  const defaults = Object.values(value).filter((selector) => selector.value.isDefault);
  if (defaults.length > 1) {
    diagnostics.push({
      code: 'project/several-defaults',
      severity: 'error',
      message: `several selectors are the default: ${defaults.map((selector) => `\`${selector.value.name}\``).join(', ')}`,
      at: defaults[1]?.span(['default']),
    });
  }
  return { value, diagnostics };
}
