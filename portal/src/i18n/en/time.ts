const many = (count: number, one: string) =>
  `${count === 1 ? '' : `${count} `}${one}${count === 1 ? '' : 's'}`

export const t = {
  wholeTime: 'All time',
  last: (words: string) => `Last ${words}`,
  days: (count: number) => many(count, 'day'),
  hours: (count: number) => many(count, 'hour'),
  minutes: (count: number) => many(count, 'minute'),
  seconds: (count: number) => many(count, 'second'),
} as const
