/** Words of the list of lessons. */

/** @type {import('./common.js').Words} */
export const LIST = {
  heading: ['Every segment has its reason', '每个报文段都有来由'],
  lead: [
    'Walk through TCP and UDP one step at a time, forward and back: what each end knows, what it sends, and why. Drop a segment, turn a knob, and see what becomes of it.',
    '一步一步走过 TCP 和 UDP，可进可退：双方各知道什么，发送什么，为什么。丢掉一个报文段，改一个设置，看看结果如何。',
  ],
  search: ['Find a lesson', '查找课程'],
  searchHint: ['retransmission, FIN, backlog, RFC 6298…', '重传、FIN、backlog、RFC 6298……'],
  lessons: ['Lessons', '课程'],
  loading: ['Fetching the lessons…', '正在取课程列表……'],
  count: ['{n} lessons', '共 {n} 课'],
  found: ['{n} of {all} lessons', '{all} 课中有 {n} 课'],
  none: ['No lesson speaks of “{text}”.', '没有哪一课讲到“{text}”。'],
  all: ['Show all lessons', '显示全部课程'],
  simulatedOnly: ['simulated only', '仅模拟'],
  knobs: ['{n} knobs', '{n} 个旋钮'],
  oneKnob: ['1 knob', '1 个旋钮'],
  elseHeading: ['Not only lessons', '不止课程'],
  elseEdit: ['Write a scenario of your own', '自己编写场景'],
  elseEditHelp: ['Two programs, a wire, something that goes wrong.', '两个程序，一条线路，再出一点差错。'],
  elseInspect: ['Read a capture', '读一份抓包'],
  elseInspectHelp: [
    'A pcap or pcapng file: its connections, and what went on in each.',
    'pcap 或 pcapng 文件：有哪些连接，各发生了什么。',
  ],
};
