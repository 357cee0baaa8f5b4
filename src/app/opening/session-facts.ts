/** How the target's sessions understand SQL: what is the same for all nodes and still decides what they come to. */
import type { Json } from '../../core/node-id.ts';
import { machineZone } from '../../disk/machine-zone.ts';
import { definingStatements } from '../../run/session-statements.ts';
import type { OpenedProject } from './opened-project.ts';

/** Settings that decide how, not what, is computed; secrets are among them. */
const IDLE =
  /thread|memory|temp_|progress|logging|log_|profil|checkpoint|wal_|cache|directory|secret|token|password|(?:^|_)key|^s3_|^http|extension|user_agent|access_mode|^lock_/i;

/**
 * Settings of the target, the time zone, which is the machine's where nobody sets it, and what on-run-start sets or defines: none of it is
 * in the SQL of a node.
 */
export function sessionFacts({
  compiler,
  manifest,
  project,
}: Pick<OpenedProject, 'compiler' | 'manifest' | 'project'>): Json {
  const { settings, configOptions } = project.target;
  const said = Object.entries({ ...configOptions, ...settings }).filter(([name]) => !IDLE.test(name));
  const setsZone = said.some(([name]) => name.toLowerCase() === 'timezone');
  const zone = setsZone ? '' : (project.environment['TZ'] ?? machineZone());
  const hooks = Object.values(manifest.nodes)
    .filter(({ resource_type, tags }) => resource_type === 'operation' && tags.includes('on-run-start'))
    .sort((left, right) => (left.unique_id < right.unique_id ? -1 : 1))
    .flatMap(({ unique_id: id, raw_code }): readonly Json[] => {
      const rendered = raw_code.includes('{') ? compiler.renderHook(id, raw_code) : undefined;
      const isPlain = rendered?.kind === 'rendered' && !rendered.readsTime;
      return definingStatements(isPlain ? rendered.text : raw_code);
    });
  return [said.sort(([left], [right]) => (left < right ? -1 : 1)), zone, hooks];
}
