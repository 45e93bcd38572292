// The models that there are.
#ifndef SQTAIL_HOST_GENERATE_MODELS_H
#define SQTAIL_HOST_GENERATE_MODELS_H

#include "host/generate/model.h"

#define MODEL_LIST(X) \
    X(btree) X(lsm) X(oltp) X(fileserver) X(varmail) X(webserver)

#define MODEL_DECLARE(name) extern const struct model_ops model_##name;
MODEL_LIST(MODEL_DECLARE)
#undef MODEL_DECLARE

// In the order of the list; ends with NULL.
extern const struct model_ops *const model_registry[];

#endif
