import { useI18n } from 'vue-i18n'

import { useCatalogue } from '@/stores/catalogue'
import { usePlaces } from '@/stores/places'

interface Named {
  name_zh: string
  name_en: string
}

/** Names and sentences for the contract's codes, in the reader's language; an unknown code shows itself. */
export function useWords() {
  const { t, te, locale } = useI18n()
  const catalogue = useCatalogue()
  const places = usePlaces()

  const name = (thing: Named | null | undefined): string =>
    !thing ? '' : (locale.value === 'zh' ? thing.name_zh : thing.name_en) || thing.name_zh || thing.name_en

  /** The page's own word under `prefix`, or the code itself. */
  const word = (prefix: string, code: string): string => (te(`${prefix}.${code}`) ? t(`${prefix}.${code}`) : code)

  const kind = (code: string): string => name(catalogue.kinds.get(code)) || code
  /** What a case is about; one that people reported speaks for itself. */
  const matter = (thing: { code: string; title: string }): string => name(catalogue.kinds.get(thing.code)) || thing.title || thing.code
  const org = (code: string): string => name(catalogue.orgs.find((entry) => entry.code === code)) || word('org', code)
  const cause = (code: string): string => name(catalogue.words?.causes.find((entry) => entry.code === code)) || code
  const family = (code: string): string => name(catalogue.families.find((entry) => entry.family === code)) || code

  function reason(code: string): string {
    const text = catalogue.words?.reasons[code] as { zh?: string; en?: string } | undefined
    return text?.[locale.value === 'zh' ? 'zh' : 'en'] ?? word('reason', code)
  }

  function actor(who: string): string {
    if (who.startsWith('rule:')) return t('actor.rule', { name: who.slice(5) })
    return who === 'system' || who === 'duty' ? t('actor.system') : who
  }

  /** A path in words, without what its later steps say again (3栋 · 3栋2单元 · 3栋2单元502室). */
  function short(path: readonly (Named & { kind: string })[]): string {
    const room = path.some((step) => step.kind === 'room')
    const telling = path.filter((step) => !(room && step.kind === 'floor')).map(name)
    return telling.filter((step, index) => !telling[index + 1]?.startsWith(step)).join(' · ')
  }

  /** Where it is below the estate, short enough for a row. */
  function spot(code: string): string {
    return short(places.below(code)) || name(places.byCode.get(code)) || code
  }

  const estate = (code: string): string => name(places.byCode.get(code)) || code

  /** Estate and spot in one line; an alert about the whole estate says its name once. */
  function where(thing: { estate: string; place: string }): string {
    const [outer, inner] = [estate(thing.estate), spot(thing.place)]
    return thing.place === thing.estate ? outer : `${outer} · ${inner}`
  }

  /** What is wrong with a text, as the server says it in both languages. */
  const wrong = (fault: { problem: string; problem_zh: string }): string => (locale.value === 'zh' ? fault.problem_zh : fault.problem)

  /** Several things in one phrase. */
  const list = (things: readonly string[]): string => things.join(locale.value === 'zh' ? '、' : ', ')

  return { name, list, word, kind, matter, org, cause, family, reason, actor, short, spot, estate, where, wrong }
}
