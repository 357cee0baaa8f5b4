import { type Checked, DqlError } from '../../core/diagnostic.ts';
import { parseProject } from '../../project/parse-project.ts';
import type { Project } from '../../project/project.ts';
import type { CommonOptions, Hooks } from '../contract.ts';
import { readFiles } from './read-files.ts';

/** The project's settings and no models: for what must work while those are broken, and takes as long however many there are. */
export async function readSettings(options: CommonOptions): Promise<Checked<Project>> {
  const files = await readFiles(options, true);
  const { value, diagnostics } = parseProject(files, {
    target: options.target,
    profile: options.profile,
    vars: options.vars,
    now: options.now,
    version: options.version,
  });
  return { value, diagnostics: [...(files.problems ?? []), ...diagnostics] };
}

/** The same for commands that work from the ledger alone. Only what keeps the target from being found is judged: rejects with DqlError. */
export async function settingsOfTarget(options: CommonOptions, hooks: Hooks): Promise<Project> {
  const { value: project, diagnostics } = await readSettings(options);
  const wrong = diagnostics.filter(
    ({ severity, code, at }) =>
      severity === 'error' &&
      !code.endsWith('unknown-key') &&
      (at === undefined || /(?:^|\/)(?:dbt_)?(?:project|profiles)\.ya?ml$/.test(at.file)),
  );
  if (wrong.length > 0) throw new DqlError(wrong);
  hooks.onProject?.({ describe: () => undefined, secrets: project.secrets });
  return project;
}
