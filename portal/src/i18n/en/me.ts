export const t = {
  title: 'Profile and settings',
  notKept: 'Your settings could not be kept',
} as const
