#include "tests/http/abuse/abuse_case.hpp"

#include <iostream>

int main() {
  std::cout << kernd::test::abuse::abuse_page();
}
