import { expect, test } from 'vitest';
import { schedule } from './schedule.ts';

test('when a job breaks, no other is started, and those under way are waited for before it is told', async () => {
  const ended: string[] = [];
  const jobs = ['orders', 'customers', 'report'].map((id) => ({ id, after: id === 'report' ? ['customers'] : [] }));
  const work = async (id: string) => {
    if (id === 'orders') throw new Error('the disk is gone');
    await new Promise((resolve) => setTimeout(resolve, 30));
    ended.push(id);
  };
  await expect(schedule(jobs, 2, work, () => false)).rejects.toThrow('the disk is gone');
  expect(ended).toEqual(['customers']);
});
