#define NCURSES_WIDECHAR 1
#define NCURSES_NOMACROS 1

#include "cli/tui/terminal.hpp"

#include <curses.h>

#include <csignal>
#include <langinfo.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <clocale>
#include <cstring>
#include <cwchar>
#include <utility>

namespace torc::cli::tui {

namespace {

constexpr int escape_wait_ms = 25; ///< an escape that nothing follows is the key

short color_of(tone t) {
  switch (t) {
  case tone::good:
    return COLOR_GREEN;
  case tone::bad:
    return COLOR_RED;
  case tone::busy:
    return COLOR_YELLOW;
  case tone::title:
    return COLOR_CYAN;
  case tone::plain:
  case tone::faint:
    break;
  }
  return -1;
}

attr_t attributes_of(look how, bool color) {
  attr_t a = A_NORMAL;
  if (how.bold)
    a |= A_BOLD;
  if (how.reverse)
    a |= A_REVERSE;
  if (how.color == tone::faint && color)
    a |= A_DIM;
  return a;
}

/// What every terminal can show in the place of a letter that needs one column.
char32_t shown(char32_t letter, bool is_utf8) {
  if (letter < 0x80)
    return letter;
  if (is_utf8)
    return ::wcwidth(static_cast<wchar_t>(letter)) == 1 ? letter : U'?';
  switch (letter) {
  case U'█':
    return U'#';
  case U'░':
    return U'.';
  case U'│':
  case U'▏':
    return U'|';
  case U'─':
    return U'-';
  case U'╭':
  case U'╮':
  case U'╰':
  case U'╯':
    return U'+';
  case U'…':
    return U'~';
  case U'←':
    return U'<';
  case U'→':
    return U'>';
  default:
    return U'?';
  }
}

std::optional<key> key_of(wint_t code) {
  switch (code) {
  case KEY_UP:
    return key{key_code::up};
  case KEY_DOWN:
    return key{key_code::down};
  case KEY_LEFT:
    return key{key_code::left};
  case KEY_RIGHT:
    return key{key_code::right};
  case KEY_PPAGE:
    return key{key_code::page_up};
  case KEY_NPAGE:
    return key{key_code::page_down};
  case KEY_HOME:
    return key{key_code::home};
  case KEY_END:
    return key{key_code::end};
  case KEY_ENTER:
    return key{key_code::enter};
  case KEY_BACKSPACE:
    return key{key_code::backspace};
  case KEY_BTAB:
    return key{key_code::back_tab};
  default:
    return std::nullopt;
  }
}

key letter_of(wint_t letter) {
  constexpr wint_t ctrl_c = 3, tab = 9, ctrl_h = 8, line_feed = 10, carriage_return = 13,
                   escape = 27, rub_out = 127;
  switch (letter) {
  case ctrl_c:
    return {key_code::interrupt};
  case tab:
    return {key_code::tab};
  case ctrl_h:
  case rub_out:
    return {key_code::backspace};
  case line_feed:
  case carriage_return:
    return {key_code::enter};
  case escape:
    return {key_code::escape};
  default:
    return {key_code::letter, static_cast<char32_t>(letter)};
  }
}

} // namespace

void terminal::hold_size_changes() {
  sigset_t sizes;
  ::sigemptyset(&sizes);
  ::sigaddset(&sizes, SIGWINCH);
  ::pthread_sigmask(SIG_BLOCK, &sizes, nullptr);
}

terminal::terminal(bool color) : color_(color), wake_fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  std::setlocale(LC_CTYPE, "");
  is_utf8_ = std::strcmp(::nl_langinfo(CODESET), "UTF-8") == 0;
  ::set_escdelay(escape_wait_ms);
  ::initscr();
  ::raw();
  ::noecho();
  ::nonl();
  ::keypad(stdscr, TRUE);
  ::nodelay(stdscr, TRUE);
  ::curs_set(0);
  color_ = color_ && ::has_colors();
  if (color_) {
    ::start_color();
    ::use_default_colors();
    for (short i = 0; i <= static_cast<short>(tone::title); ++i)
      ::init_pair(static_cast<short>(i + 1), color_of(static_cast<tone>(i)), -1);
  }
}

terminal::~terminal() {
  ::endwin();
  ::close(wake_fd_);
}

int terminal::rows() const {
  return LINES;
}
int terminal::columns() const {
  return COLS;
}

void terminal::show(const canvas& c) {
  ::erase();
  for (int row = 0; row < c.rows() && row < LINES; ++row)
    for (int column = 0; column < c.columns() && column < COLS; ++column) {
      const auto& g = c.at(row, column);
      if (g == glyph{})
        continue;
      const std::array text{static_cast<wchar_t>(shown(g.letter, is_utf8_)), L'\0'};
      const auto pair = color_ ? static_cast<short>(static_cast<int>(g.how.color) + 1) : short{0};
      cchar_t cell{};
      ::setcchar(&cell, text.data(), attributes_of(g.how, color_), pair, nullptr);
      ::mvadd_wch(row, column, &cell);
    }
  ::refresh();
}

std::optional<key> terminal::read_key() {
  wint_t code = 0;
  const int kind = ::get_wch(&code);
  if (kind == ERR)
    return std::nullopt;
  if (kind != KEY_CODE_YES)
    return letter_of(code);
  if (code == KEY_RESIZE)
    resized_ = true;
  return key_of(code);
}

std::optional<key> terminal::wait(int64_t most_ms) {
  if (const auto k = read_key())
    return k;
  if (resized_)
    return std::nullopt;
  std::array<pollfd, 2> both{pollfd{STDIN_FILENO, POLLIN, 0}, pollfd{wake_fd_, POLLIN, 0}};
  sigset_t while_waiting;
  ::pthread_sigmask(SIG_BLOCK, nullptr, &while_waiting);
  ::sigdelset(&while_waiting, SIGWINCH);
  constexpr int64_t thousand = 1000, million = 1'000'000;
  const timespec most{most_ms / thousand, most_ms % thousand * million};
  const bool timed_out =
      ::ppoll(both.data(), both.size(), most_ms < 0 ? nullptr : &most, &while_waiting) == 0;
  if (both[1].revents != 0) {
    uint64_t times = 0;
    [[maybe_unused]] const auto got = ::read(wake_fd_, &times, sizeof times);
  }
  if ((both[0].revents & (POLLHUP | POLLERR)) != 0)
    return key{key_code::interrupt}; // the terminal is gone
  // A new size interrupts poll and is read as a key.
  return timed_out ? std::nullopt : read_key();
}

void terminal::wake() const {
  const uint64_t once = 1;
  [[maybe_unused]] const auto written = ::write(wake_fd_, &once, sizeof once);
}

bool terminal::resized() {
  return std::exchange(resized_, false);
}

} // namespace torc::cli::tui
