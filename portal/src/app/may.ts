import { useQuery } from '@tanstack/react-query'
import { permissionsQuery, permits } from '@/api/permissions'

/**
 * What the person may do at a scope: what they may not is not offered. Nothing while it is not known; the server
 * refuses it all the same.
 */
export function useMay(scope: string): (action: string) => boolean {
  const { data } = useQuery(permissionsQuery(scope))
  return (action) => data !== undefined && permits(data, action)
}
