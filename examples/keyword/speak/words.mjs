/** What is said, and by whom. Speakers of the test set are never heard in training. */

export const KEYWORDS = ['yes', 'no', 'up', 'down', 'left', 'right', 'on', 'off', 'stop', 'go'];

/** Words that are none of the keywords; those of the test set are never heard in training. */
export const OTHER_WORDS = {
  train: [
    'bed',
    'bird',
    'cat',
    'dog',
    'happy',
    'house',
    'tree',
    'wow',
    'one',
    'three',
    'seven',
    'table',
    'water',
    'music',
    'summer',
    'green',
  ],
  test: ['marvin', 'sheila', 'eight', 'window', 'paper', 'yellow'],
};

/** Variants of espeak-ng's voices: men, women, the old and the young. */
export const SPEAKERS = {
  train: [
    ...['f1', 'f2', 'f4', 'f5', 'm1', 'm2', 'm3', 'm4', 'm6', 'm7', 'm8', 'klatt', 'klatt2'],
    ...['klatt4', 'Andy', 'Annie', 'Alex', 'Denis', 'Lee', 'linda', 'belinda', 'edward', 'paul'],
    ...['robert', 'victor', 'grandpa', 'steph', 'Mike', 'Gene', 'antonio'],
  ],
  test: ['f3', 'm5', 'klatt3', 'Jacky', 'Michael', 'aunty', 'john', 'Hugo'],
};

export const ACCENTS = ['en-us', 'en-gb', 'en-gb-x-rp', 'en-gb-scotland', 'en-029'];
