import { parseDocument } from 'yaml';

/** Behaviour flags of dbt's, and anything else that is not a flag of the command line, is left to the room `project`. */
const PROJECT_FLAGS = [
  'debug',
  'fail_fast',
  'indirect_selection',
  'lock_timeout',
  'log_format',
  'log_level',
  'partial_parse',
  'quiet',
  'target_path',
  'use_colors',
  'warn_error',
  'warn_error_options',
  'write_json',
];

/** Leaves what cannot be read to the room `project`, which says what is wrong with it. */
export function flagsIn(settings: string): Readonly<Record<string, string>> {
  const document = parseDocument(settings, { logLevel: 'silent', uniqueKeys: false });
  const content: unknown = document.errors.length > 0 ? null : document.toJS();
  const flags = mappingAt(content, 'flags');
  return Object.fromEntries(
    PROJECT_FLAGS.flatMap((name): readonly (readonly [string, string])[] => {
      const value = flags[name];
      if (value === undefined || value === null) return [];
      return [[name, typeof value === 'object' ? JSON.stringify(value) : String(value)]];
    }),
  );
}

function mappingAt(content: unknown, key: string): Readonly<Record<string, unknown>> {
  const value = typeof content === 'object' && content !== null ? (content as Record<string, unknown>)[key] : undefined; // a mapping has keys
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
