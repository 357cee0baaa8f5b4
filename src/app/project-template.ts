/** What `dql init` writes besides the example project that dql carries with it. */
import type { FileToWrite } from '../disk/write-target.ts';

export interface TemplateFacts {
  /** The new folder's name. */
  readonly name: string;
  /** dql's own version, and the version of the example's data. */
  readonly version: string;
  readonly dataVersion: string;
}

export const ownFiles = (facts: TemplateFacts): readonly FileToWrite[] => [
  { path: 'package.json', text: packageJson(facts) },
  { path: '.gitignore', text: GITIGNORE },
  { path: 'README.md', text: readme(facts) },
];

function packageJson({ name, version, dataVersion }: TemplateFacts): string {
  const written = {
    name: packageName(name),
    private: true,
    scripts: { dql: 'dql' },
    devDependencies: { 'dql-cli': `^${version}`, 'vega-datasets': dataVersion },
  };
  return `${JSON.stringify(written, null, 2)}\n`;
}

/** npm takes lower-case letters, digits and a few signs; anything else becomes a dash. */
export function packageName(folder: string): string {
  const name = folder
    .toLowerCase()
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[-._]+|[-.]+$/g, '');
  return name === '' || name === 'node_modules' || name === 'dql-cli' ? 'data-project' : name;
}

const GITIGNORE = `node_modules
target
exports
*.duckdb
*.duckdb.wal
.env
.dql
`;

const readme = ({ name }: TemplateFacts): string => `# ${name}

A data project for dql: SQL models in \`models/\`, their tests and descriptions in the \`.yml\` files beside them, assertions in \`tests/\`,
small tables of our own in \`seeds/\`, shared SQL in \`macros/\`. Targets and settings are in \`project.yml\`.

It begins as dql's example, US flights of January to June 2001 read from the npm package vega-datasets. Replace what you do not need.

    npm install
    npm run dql -- build        # builds, tests and publishes everything
    npm run dql -- plan         # what a build would do, and why
    npm run dql -- show -s rpt_busiest_airports
    npm run dql -- history      # every run; \`rollback\` takes one back

Tests that only warn show real flaws of the data: implausible delays, rows that occur twice, a last day that is not complete.
`;

/** The line by which editors with the YAML language server know the keys of a file. @param depth folders above the file */
export const schemaLine = (schema: 'project' | 'properties', depth: number): string =>
  `# yaml-language-server: $schema=${'../'.repeat(depth)}node_modules/dql-cli/dist/schema/${schema}.json\n`;

export const workflow = (provider: 'github' | 'gitlab'): FileToWrite =>
  provider === 'github'
    ? { path: '.github/workflows/dql.yml', text: GITHUB }
    : { path: '.gitlab-ci.yml', text: GITLAB };

const GITHUB = `name: dql

on:
  push:
    branches: [main]
  pull_request:

jobs:
  build:
    runs-on: ubuntu-latest
    permissions:
      contents: read
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with:
          node-version: 22
          cache: npm
      - run: npm ci
      # On GitHub dql annotates the failing files and writes the job's summary by itself.
      - run: npm run dql -- build --report junit=target/junit.xml
      - uses: actions/upload-artifact@v4
        if: always()
        with:
          name: dql
          path: |
            target/*.json
            target/junit.xml
`;

const GITLAB = `dql:
  image: node:22
  cache:
    key:
      files: [package-lock.json]
    paths: [.npm/]
  script:
    - npm ci --cache .npm
    - npm run dql -- build --report junit=target/junit.xml
  artifacts:
    when: always
    paths: [target/]
    reports:
      junit: target/junit.xml
      # Written by dql itself where it runs in GitLab.
      codequality: target/gl-code-quality-report.json
`;
