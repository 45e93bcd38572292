// How long requests of a kind and size took on the average: what hybrid polling sleeps by.
#ifndef SQTAIL_HOST_DRIVER_LAYER_MEANS_H
#define SQTAIL_HOST_DRIVER_LAYER_MEANS_H

#include "host/block/request.h"

struct layer_means;

struct layer_means *layer_means_create(void);
void layer_means_destroy(struct layer_means *means);

void layer_add_mean(struct layer_means *means, const struct block_request *request, tick_t now);

// Of the last tenth of a second that is over and had any; 0: there was none.
tick_t layer_mean(const struct layer_means *means, const struct block_request *request);

#endif
