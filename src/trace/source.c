// Sources of requests: what all of them do alike.
#include "trace/source.h"

#include <stddef.h>

void request_source_rewind(struct request_source *source)
{
    if (source->inner != NULL)
        request_source_rewind(source->inner);
    if (source->ops->rewind != NULL)
        source->ops->rewind(source);
}

bool request_source_failed(const struct request_source *source)
{
    return (source->ops->failed != NULL && source->ops->failed(source)) ||
           (source->inner != NULL && request_source_failed(source->inner));
}

void request_source_destroy(struct request_source *source)
{
    if (source == NULL)
        return;
    struct request_source *inner = source->inner;
    if (source->ops->destroy != NULL)
        source->ops->destroy(source);
    request_source_destroy(inner);
}
