import { Loading } from '@/ui'

export function Pending() {
  return <Loading />
}
