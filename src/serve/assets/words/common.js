/** Words of every page. `{name}` stands for a value. */

/** @typedef {Record<string, [string, string]>} Words */

/** @type {Words} */
export const COMMON = {
  skip: ['Skip to the content', '跳到正文'],
  nav: ['Site', '站点导航'],
  language: ['Language', '语言'],
  navLessons: ['Lessons', '课程'],
  navEdit: ['Write', '编写'],
  navInspect: ['Captures', '抓包'],
  footer: [
    'Served from this machine only. Nothing leaves it.',
    '只在本机提供，不向外发送任何内容。',
  ],
  waiting: ['One moment…', '请稍候……'],
  retry: ['Try again', '重试'],
  cancel: ['Cancel', '取消'],
  cancelled: ['Cancelled.', '已取消。'],
  close: ['Close', '关闭'],
  noAnswer: [
    'The server does not answer. Is wirewalk serve still running?',
    '服务器没有应答。wirewalk serve 还在运行吗？',
  ],
  oddAnswer: ['The server answered something this page does not understand.', '服务器的应答无法理解。'],
  busy: ['The server is busy; asking again in {seconds} s…', '服务器正忙，{seconds} 秒后再问……'],
  tooBusy: ['The server is busy with other runs. Try again in a while.', '服务器正忙于其他运行，请稍后再试。'],
  simulating: ['Simulating…', '正在模拟……'],
  troubleHeading: ['That did not work', '没有成功'],
  place: ['Line {line}, column {column}', '第 {line} 行第 {column} 列'],
};
