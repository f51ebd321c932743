/* What the agent may do, and tokens that may do less. */
#pragma once
#include "agent.h"

/* A copy of the agent's token without SeCreateGlobalPrivilege; NULL with the failure. */
HANDLE token_without_create_global(struct failure *failure);
