// libpq as the system installs it (libpq-dev).
#pragma once
#include <libpq-fe.h>
