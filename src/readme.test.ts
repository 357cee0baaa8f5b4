import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { README, withGeneratedParts } from './readme.ts';

const readme = readFileSync(README, 'utf8');

test('the generated parts of the README are what the code says', () => {
  expect(readme, 'README.md is behind the code: run `npm run readme`').toBe(withGeneratedParts(readme));
});

test('the sections that the guide is built from are there', () => {
  const sections = [...readme.matchAll(/^## (.+)$/gm)].map(([, title]) => title);
  expect(sections).toEqual([
    'Tutorial',
    'Best practices',
    'Validation guide',
    'Automation',
    'How publishing works',
    'From dbt',
    'Commands',
    'Reference of project.yml',
  ]);
});

test('a README that lost a marker is told so, not overwritten', () => {
  expect(() => withGeneratedParts(readme.replace('<!-- end of tests -->', ''))).toThrow('<!-- end of tests -->');
});

test('nobody is told to run a stranger’s package: the name `dql` on npm is not ours', () => {
  expect(readme).not.toContain('npx dql');
});
