// Contents of a drive's logical blocks, and which of them a power loss would take back.
#ifndef SQTAIL_STORE_STORE_H
#define SQTAIL_STORE_STORE_H

#include <stdbool.h>
#include <stdint.h>

struct store;

// Of a drive of `capacity_bytes`, all zeroes, whose cache loses up to `volatile_bytes` with its power; 0: none.
struct store *store_create(uint64_t capacity_bytes, uint64_t volatile_bytes);
void store_destroy(struct store *store);

void store_read(const struct store *store, uint64_t offset, void *to, uint64_t bytes);

// `durable`: a power loss cannot take it back.
void store_write(struct store *store, uint64_t offset, const void *from, uint64_t bytes, bool durable);

// The range reads as zeroes from now on, after a power loss too.
void store_zero(struct store *store, uint64_t offset, uint64_t bytes);

// A flush: what was written before store_mark is durable once store_settle is called with what that returned.
uint64_t store_mark(const struct store *store);
void store_settle(struct store *store, uint64_t mark);

// What of the range, or of the drive, was written since and could be lost.
bool store_is_volatile(const struct store *store, uint64_t offset, uint64_t bytes);
uint64_t store_volatile_bytes(const struct store *store);

// Power is lost: all that is volatile is as it was before it was written.
void store_lose_power(struct store *store);

#endif
