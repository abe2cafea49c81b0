import { onBeforeUnmount, onMounted, reactive, type ShallowRef } from 'vue'

export function useElementSize(element: Readonly<ShallowRef<Element | null>>) {
  const size = reactive({ width: 0, height: 0 })
  const observer = new ResizeObserver(([entry]) => {
    if (entry) Object.assign(size, { width: entry.contentRect.width, height: entry.contentRect.height })
  })
  onMounted(() => element.value && observer.observe(element.value))
  onBeforeUnmount(() => observer.disconnect())
  return size
}
