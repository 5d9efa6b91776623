import { infiniteQueryOptions } from '@tanstack/react-query'
import { ask, type Schemas } from '@/api/ask'

export type Customer = Schemas['PortalCustomer']

export type Finding = Schemas['PortalFinding']

export type CustomerPage = Schemas['PortalCustomers']

export type HeldRole = Customer['roles'][number]

/** All customers, a page at a time; the server rolls up what each page of ours would have to ask each of them for. */
export const customersQuery = infiniteQueryOptions({
  queryKey: ['customers'],
  queryFn: ({ pageParam, signal }) =>
    ask('GET /portal/api/customers', {
      query: { $top: 1000, ...(pageParam === '' ? {} : { $skiptoken: Number(pageParam) }) },
      signal,
      // The page asks by itself: that keeps no session alive.
      isBackground: true,
    }),
  initialPageParam: '',
  getNextPageParam: (page) => page.skipToken,
  refetchInterval: 30_000,
})
