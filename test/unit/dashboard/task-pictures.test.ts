import { describe, expect, it } from 'vitest';
import { taskView } from '../../../src/extension/dashboard/task-pictures';
import { taskOf } from '../../../src/core/tasks/tasks';

describe('what the dashboard shows of a task', () => {
  it('is nothing without a finished run', () => {
    expect(taskView(undefined)).toBeUndefined();
  });

  it('of classes is the confusion matrix and who is found least', () => {
    const view = taskView(taskOf('classification').details!([0, 1, 1], [0, 0, 1], ['a', 'b']));
    expect(view?.lines).toEqual(['recall "a" 50.0 %, "b" 100.0 %; mean over the classes 75.0 %']);
    expect(view?.pictures).toMatchObject([
      {
        kind: 'matrix',
        names: ['a', 'b'],
        counts: [
          [1, 1],
          [0, 1],
        ],
      },
    ]);
  });

  it('of yes or no is the ROC curve with the threshold on it', () => {
    const task = taskOf('binary', { threshold: 0 });
    const view = taskView(task.details!([-1, 1, 2, -2], [0, 0, 1, 1], ['fire']));
    expect(view?.pictures).toMatchObject([{ kind: 'curve', mark: [0.5, 0.5] }]);
  });

  it('of a regression is what was told over what is true, a picture for each target', () => {
    const view = taskView(taskOf('regression').details!([1, 2, 3, 4], [1, 2, 3, 5], ['x', 'y']));
    expect(view?.pictures).toMatchObject([
      {
        kind: 'points',
        title: 'x: predicted over true',
        points: [
          [1, 1],
          [3, 3],
        ],
      },
      {
        kind: 'points',
        title: 'y: predicted over true',
        points: [
          [2, 2],
          [5, 4],
        ],
      },
    ]);
  });

  it('of anomalies is the histogram of errors, of both groups where there are two', () => {
    const task = taskOf('anomaly', { threshold: 2 });
    const normal = taskView(task.details!([1, 3], [0, 0], []));
    expect(normal?.pictures).toMatchObject([{ kind: 'histogram', groups: [{ name: 'normal' }] }]);
    const both = taskView(task.details!([1, 3], [0, 1], []));
    expect(both?.pictures.map(({ kind }) => kind)).toEqual(['histogram', 'curve']);
  });
});
