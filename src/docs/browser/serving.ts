/** What readers of a node see when that is not its last build, in words. */
import type { RolledBackItem } from '../site-data.ts';
import { moment, old } from './format.ts';

/** @param since when that version was built */
export const serving = (since: string): string => `Readers see the version of ${moment(since)}, ${old(since)} old`;

export const rolledBackText = ({ reason, run, at, since }: RolledBackItem): string =>
  `${reason.replace(RUN_ID, (id) => id.slice(0, 8))}, by run ${run.slice(0, 8)}${at === null ? '' : ` on ${moment(at)}`}. ${since === null ? 'Readers see nothing' : serving(since)}`;

const RUN_ID = /\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/g;

/** A reason as a sentence of its own. */
export const sentence = (text: string): string =>
  (/[.!?]$/.test(text) ? text : `${text}.`).replace(/^./, (first) => first.toUpperCase()).replaceAll('`', '');
