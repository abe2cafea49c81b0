/** The few parts of ECharts that are used; a chunk of its own. Drawn on a canvas: its SVG writes style attributes, which the page's policy forbids. */
import { BarChart } from 'echarts/charts'
import { GridComponent } from 'echarts/components'
import { init, use } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'

use([BarChart, GridComponent, CanvasRenderer])

export { init }
