import { parse } from 'yaml';

/** The folders of a package that are worth reading. */
export interface ProjectFolders {
  /** SQL, YAML and Markdown. */
  readonly text: readonly string[];
  /** CSV. */
  readonly data: readonly string[];
  readonly installPath: string;
  /** Never descended into. */
  readonly outputs: readonly string[];
}

const DEFAULTS = {
  'model-paths': ['models'],
  'seed-paths': ['seeds'],
  'test-paths': ['tests'],
  'analysis-paths': ['analyses'],
  'macro-paths': ['macros'],
  'snapshot-paths': ['snapshots'],
} as const;

/** How older projects spell them. */
const OLDER: Partial<Record<keyof typeof DEFAULTS, string>> = {
  'model-paths': 'source-paths',
  'seed-paths': 'data-paths',
};

/**
 * Which folders a project file names. Reads it leniently: whether the file is right is the room `project`'s question, here it is
 * only about where to look. A folder that a template decides means looking everywhere.
 */
export function projectFolders(projectFile: string | undefined): ProjectFolders {
  const content = lenient(projectFile);
  const listed = (key: string): readonly string[] | undefined => {
    const value = content[key];
    if (!Array.isArray(value)) return undefined;
    const folders = value.filter((folder) => typeof folder === 'string');
    return folders.some((folder) => folder.includes('{{')) ? ['.'] : folders;
  };
  const foldersOf = (key: keyof typeof DEFAULTS): readonly string[] =>
    listed(key) ?? listed(OLDER[key] ?? '') ?? DEFAULTS[key];
  const text = new Set((Object.keys(DEFAULTS) as (keyof typeof DEFAULTS)[]).flatMap(foldersOf)); // its own keys
  for (const folder of listed('docs-paths') ?? []) text.add(folder);
  const named = (key: string, fallback: string): string => {
    const value = content[key];
    return typeof value === 'string' && !value.includes('{{') ? value : fallback;
  };
  return {
    text: [...text],
    data: [...new Set([...foldersOf('seed-paths'), ...foldersOf('test-paths')])],
    installPath: named('packages-install-path', 'dbt_packages'),
    outputs: [named('target-path', 'target'), named('log-path', 'logs')],
  };
}

function lenient(text: string | undefined): Readonly<Record<string, unknown>> {
  if (text === undefined) return {};
  try {
    const value: unknown = parse(text, { logLevel: 'silent', uniqueKeys: false });
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
  } catch {
    // The room `project` will show what is wrong with it; the default folders are read meanwhile.
    return {};
  }
}
