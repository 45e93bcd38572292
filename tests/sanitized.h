// SANITIZED: built with AddressSanitizer. Of tests that do the same for long, once for each figure, one is enough there.
#ifndef SQTAIL_TESTS_SANITIZED_H
#define SQTAIL_TESTS_SANITIZED_H

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED
#endif
#endif

#endif
