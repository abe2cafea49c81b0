import { useI18n } from 'vue-i18n'

import type { Event } from '@/api/types'

import { useWords } from './useWords'

type Data = Record<string, unknown>

/** What a device said, as a sentence; an unknown type shows its figures. */
export function useEventText() {
  const { t } = useI18n()
  const { word } = useWords()

  const join = (...parts: (string | false | null | undefined)[]): string => parts.filter(Boolean).join(' · ')
  const percent = (share: unknown) => typeof share === 'number' && t('event.score', { n: Math.round(share * 100) })

  function smoke(data: Data): string {
    const head = data['test'] ? 'smokeTest' : data['alarm'] ? 'smokeAlarm' : 'smokeClear'
    return join(t(`event.${head}`), typeof data['density'] === 'number' && t('event.density', { n: data['density'] }))
  }

  function sos(data: Data): string {
    const head = { pressed: 'sosPressed', cancelled: 'sosCancelled', answered: 'sosAnswered' }[String(data['action'])]
    return join(head ? t(`event.${head}`) : String(data['action']), data['voice'] === true && t('event.voice'))
  }

  function pass(data: Data): string {
    const method = String(data['method'])
    return join(
      t(data['result'] === 'granted' ? 'event.passGranted' : 'event.passDenied'),
      word('event', String(data['direction'])),
      word('event', method === 'code' ? 'codeMethod' : method),
      data['person_ref'] != null && t('event.person', { ref: String(data['person_ref']) }),
      data['plate'] != null && t('event.plateRef', { ref: String(data['plate']) }),
      percent(data['score']),
    )
  }

  function door(data: Data): string {
    const head = { open: 'doorOpen', closed: 'doorClosed', forced: 'doorForced' }[String(data['state'])]
    return head ? t(`event.${head}`) : String(data['state'])
  }

  function seen(data: Data): string {
    return join(
      word('event.object', String(data['label'])),
      word('event', String(data['phase'])),
      typeof data['count'] === 'number' && t('event.count', { n: data['count'] }),
      data['zone'] != null && word('event.zone', String(data['zone'])),
      percent(data['score']),
    )
  }

  function fault(data: Data): string {
    return t(data['active'] === false ? 'event.faultOff' : 'event.faultOn', { code: word('event.faultOf', String(data['code'])) })
  }

  const typeName = (type: string): string => word('eventType', type.replaceAll('.', '_')).replaceAll('_', '.')
  const figures = (data: Data): string =>
    Object.entries(data)
      .map(([key, value]) => `${word('explain', key)} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
      .join(' · ')

  const sentences: Record<string, (data: Data) => string> = {
    smoke,
    sos,
    'gate.pass': pass,
    'gate.door': door,
    contact: door,
    'camera.object': seen,
    'camera.scene': (data) => `${t('event.scene')} ${word('event', String(data['state']))}`,
    fault,
    availability: (data) => t(data['online'] ? 'event.online' : 'event.offline'),
  }

  return (event: Event): string => (sentences[event.type] ?? ((data: Data) => join(typeName(event.type), figures(data))))(event.data)
}
