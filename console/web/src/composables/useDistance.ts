import { useI18n } from 'vue-i18n'

/** A distance as people say it: metres below a kilometre, then kilometres. */
export function useDistance() {
  const { t } = useI18n()
  return (metres: number): string => (metres < 1000 ? t('resources.metres', { n: Math.round(metres) }) : t('resources.kilometres', { n: (metres / 1000).toFixed(1) }))
}
