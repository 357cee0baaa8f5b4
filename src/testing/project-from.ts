import { createHash } from 'node:crypto';
import type { Checked } from '../core/diagnostic.ts';
import { parseProject } from '../project/parse-project.ts';
import type { JsonObject, Project } from '../project/project.ts';

export interface ProjectFromOptions {
  readonly vars?: JsonObject;
  readonly environment?: Readonly<Record<string, string>>;
  readonly target?: string;
  readonly now?: Date;
}

/** The moment everything happens at in our tests. */
export const TEST_NOW = new Date('2026-03-04T05:06:07Z');

const SETTINGS = `name: shop
targets:
  dev: {path: 'shop.duckdb', schema: main}
`;

/** A project from texts by path; `project.yml` is a small one unless given. CSV files are seeds. */
export function projectFrom(
  files: Readonly<Record<string, string>>,
  options: ProjectFromOptions = {},
): Checked<Project> {
  const all = Object.keys(files).some((path) => /^(?:dbt_)?project\.yml$/.test(path))
    ? files
    : { 'project.yml': SETTINGS, ...files };
  const texts = Object.entries(all).filter(([path]) => !path.endsWith('.csv'));
  const data = Object.entries(all).filter(([path]) => path.endsWith('.csv'));
  return parseProject(
    {
      root: '/home/shop',
      files: texts.map(([path, text]) => ({ path, text })),
      data: data.map(([path, text]) => ({
        path,
        bytes: Buffer.byteLength(text),
        checksum: createHash('sha256').update(text).digest('hex'),
        text,
      })),
      environment: options.environment ?? {},
    },
    {
      now: options.now ?? TEST_NOW,
      ...(options.vars === undefined ? {} : { vars: options.vars }),
      ...(options.target === undefined ? {} : { target: options.target }),
    },
  );
}
