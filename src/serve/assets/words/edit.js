/** Words of the editor; those of the walk below it are the lesson's. */
import { COMPARE } from './compare.js';
import { LESSON } from './lesson.js';

/** @type {import('./common.js').Words} */
export const EDIT = {
  ...COMPARE,
  ...LESSON,
  heading: ['Write a scenario', '编写场景'],
  lead: [
    'Hosts, their programs, what goes wrong, what must come of it. It is checked while you type, and kept in this browser only.',
    '主机、程序、出什么差错、必须得到什么结果。边写边检查，内容只保存在这个浏览器里。',
  ],
  begin: ['Begin from', '起点'],
  template: ['a small commented scenario', '一个带注释的小场景'],
  take: ['Take it', '取来'],
  restore: ['Back to what was here before', '恢复先前的内容'],
  open: ['Open a .toml file', '打开 .toml 文件'],
  save: ['Save as .toml', '存为 .toml'],
  runIt: ['Run it and walk', '运行并逐步走'],
  runHint: ['Ctrl+Enter runs it, too.', '也可按 Ctrl+Enter 运行。'],
  source: ['The scenario', '场景'],
  mistakes: ['Mistakes', '错误'],
  checking: ['Checking…', '正在检查……'],
  fine: ['No mistakes. It can run.', '没有错误，可以运行。'],
  empty: ['Nothing is written yet.', '还没有写任何内容。'],
  count: ['{n} mistakes', '{n} 处错误'],
  oneMistake: ['1 mistake', '1 处错误'],
  would: ['What would be right:', '应为：'],
  tooLong: ['A scenario has at most 256 KiB.', '场景最多 256 KiB。'],
  notText: ['This file is not UTF-8 text.', '这个文件不是 UTF-8 文本。'],
  compareOpen: ['Beside the real kernel', '与真实内核并排'],
  crib: ['What may stand in it', '可以写什么'],
  cribTitle: ['its name, in both languages', '名称，两种语言'],
  cribLesson: ['what to look at, and why', '看什么，为什么'],
  cribHost: ['a host; its program is socket calls, one on a line', '一台主机；program 是套接字调用，一行一个'],
  cribWire: ['delay, rate and queue of the wire', '线路的时延、速率和队列'],
  cribFault: ['what is lost, delayed or doubled', '丢失、延迟或重复什么'],
  cribKnob: ['what can be set differently; $name stands for it', '可以改的设置；用 $name 引用'],
  cribExpect: ['what must hold afterwards', '事后必须成立的'],
  cribQuestion: ['what is asked on the way', '途中要问的'],
  walkHeading: ['The walk', '逐步走'],
};
