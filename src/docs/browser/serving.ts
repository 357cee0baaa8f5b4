/** What readers of a node see when that is not its last build, in words. */
import type { RolledBackItem } from '../site-data.ts';
import { moment, old } from './format.ts';

/** @param since when that version was built */
export const serving = (since: string): string => `Readers see the version of ${moment(since)}, ${old(since)} old`;

export const rolledBackText = ({ reason, run, at, since }: RolledBackItem): string =>
  `${reason}, by run ${run.slice(0, 8)}${at === null ? '' : ` on ${moment(at)}`}. ${since === null ? 'Readers see nothing' : serving(since)}`;
