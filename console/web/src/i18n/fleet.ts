/** Words of the device pages, in both languages. */
export const fleetZh = {}

export const fleetEn: typeof fleetZh = {}
