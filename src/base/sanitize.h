/* sanitize: whether this build watches every allocation. */
#pragma once

#if defined(__SANITIZE_ADDRESS__)
#define AR_SANITIZED true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define AR_SANITIZED true
#endif
#endif
#ifndef AR_SANITIZED
#define AR_SANITIZED false
#endif
