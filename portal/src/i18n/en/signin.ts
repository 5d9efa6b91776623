export const t = {
  title: 'Sign in to Kelp',
  userName: 'User name',
  password: 'Password',
  signIn: 'Sign in',
} as const
